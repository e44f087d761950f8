//! Which networks fit the data.

use crate::exit::UsageError;
use gan::{data::Dataset, networks::Preset};

/// The preset asked for if it fits the data; without one the best that does, a small one where
/// computing is slow.
pub(crate) fn choose_preset(
    asked: Option<Preset>,
    data: &Dataset,
    slow: bool,
) -> Result<Preset, UsageError> {
    let fits = |preset: Preset| {
        preset.image_size() == [data.height, data.width] && preset.takes_channels(data.channels)
    };
    let fitting: Vec<Preset> = Preset::all().iter().copied().filter(|&p| fits(p)).collect();
    let small = fitting.iter().copied().find(|&preset| preset == Preset::Dcgan28Small);
    let default = if slow { small.or(fitting.first().copied()) } else { fitting.first().copied() };
    match asked.map_or(default, |asked| fitting.contains(&asked).then_some(asked)) {
        Some(preset) => Ok(preset),
        None => Err(UsageError(misfit(asked, data, &fitting))),
    }
}

fn misfit(asked: Option<Preset>, data: &Dataset, fitting: &[Preset]) -> String {
    let colour = if data.channels == 1 { "grey" } else { "colour" };
    let found = format!("`{}` has {}x{} {colour} images", data.name, data.height, data.width);
    let fitting: Vec<String> = fitting.iter().map(|preset| format!("--preset {preset}")).collect();
    match asked {
        Some(asked) => {
            let [height, width] = asked.image_size();
            let grey = if asked.takes_channels(3) { "" } else { " grey" };
            let advice = fitting.join(" or ");
            format!(
                "--preset {asked} takes {height}x{width}{grey} images, but {found}; use {advice}"
            )
        }
        None => format!("no preset fits: {found}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(side: usize, channels: usize) -> Dataset {
        let (name, notes) = ("cats".to_owned(), Vec::new());
        Dataset { name, pixels: Vec::new(), count: 0, height: side, width: side, channels, notes }
    }

    #[test]
    fn digits_take_the_small_networks_where_computing_is_slow() {
        let choose = |slow| choose_preset(None, &data(28, 1), slow).unwrap();
        assert_eq!((choose(false), choose(true)), (Preset::Dcgan28, Preset::Dcgan28Small));
        let large = choose_preset(Some(Preset::Dcgan28), &data(28, 1), true).unwrap();
        assert_eq!(large, Preset::Dcgan28);
    }

    #[test]
    fn everything_else_takes_dcgan64() {
        for (channels, slow) in [(1, false), (3, false), (3, true)] {
            let preset = choose_preset(None, &data(64, channels), slow).unwrap();
            assert_eq!(preset, Preset::Dcgan64);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        let error = choose_preset(Some(Preset::Dcgan28), &data(64, 3), false).unwrap_err();
        for part in ["--preset dcgan28 takes 28x28 grey", "64x64 colour", "use --preset dcgan64"] {
            assert!(error.0.contains(part), "{part}: {error}");
        }
        let error = choose_preset(Some(Preset::Dcgan64), &data(28, 1), false).unwrap_err();
        assert!(error.0.contains("--preset dcgan28 or --preset dcgan28-small"), "{error}");
    }
}
