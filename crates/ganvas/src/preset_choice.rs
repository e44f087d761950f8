//! Which networks fit the images.

use crate::{exit::UsageError, record::DataRecord, settings::Settings};
use gan::{
    networks::{DEFAULT_WIDTH, Preset},
    options::{HyperParameters, TrainOptions},
};

/// What to train: the preset asked for if it fits the data; without one the best that does, a small
/// one where computing is slow.
pub(crate) fn choose_networks(
    settings: &Settings,
    data: &DataRecord,
    slow: bool,
) -> Result<TrainOptions, UsageError> {
    let options = |preset: Preset| {
        let open = preset == Preset::Dcgan;
        let Settings { learning_rate, discriminator_ratio, .. } = *settings;
        let hyper_parameters =
            HyperParameters { learning_rate, discriminator_ratio, ..HyperParameters::default() };
        TrainOptions {
            hyper_parameters,
            size: open.then_some([data.height, data.width]),
            width: open.then_some(settings.width.unwrap_or(DEFAULT_WIDTH)),
            batch: settings.batch,
            seed: settings.seed,
            ..TrainOptions::new(preset, data.channels)
        }
    };
    let fits = |preset: &Preset| {
        let options = options(*preset);
        takes_width(*preset, settings.width)
            && options.image_size() == [data.height, data.width]
            && options.networks().is_ok()
    };
    let fitting: Vec<Preset> = Preset::all().iter().copied().filter(fits).collect();
    let small = fitting.contains(&Preset::Dcgan28Small).then_some(Preset::Dcgan28Small);
    let default = if slow { small.or(fitting.first().copied()) } else { fitting.first().copied() };
    let preset = match settings.preset {
        Some(asked) if fitting.contains(&asked) => asked,
        Some(asked) if takes_width(asked, settings.width) => {
            return Err(misfit(asked, data, &fitting));
        }
        Some(asked) => {
            let problem = format!("--preset {asked} has a width of its own");
            return Err(UsageError(format!("{problem}; --width is for --preset dcgan")));
        }
        None => default.unwrap_or(Preset::Dcgan),
    };
    let options = options(preset);
    options.networks().map_err(|error| UsageError(error.to_string()))?;
    Ok(options)
}

/// Whether a preset's networks can have the base width asked for.
fn takes_width(preset: Preset, asked: Option<usize>) -> bool {
    match preset {
        Preset::Dcgan => true,
        Preset::Dcgan64 => asked.is_none_or(|width| width == DEFAULT_WIDTH),
        Preset::Dcgan28 | Preset::Dcgan28Small => asked.is_none(),
    }
}

fn misfit(asked: Preset, data: &DataRecord, fitting: &[Preset]) -> UsageError {
    let found = kind_of_images([data.height, data.width], data.channels);
    let [height, width] = asked.image_size();
    let (kind, flags) = match asked.takes_channels(3) {
        true => ("images", ""),
        false => ("grey images", " --channels 1"),
    };
    let fitting: Vec<String> = fitting.iter().map(|preset| format!("--preset {preset}")).collect();
    UsageError(format!(
        "--preset {asked} takes {width}x{height} {kind}, but those of `{}` are {found}; use {}, or \
         --size {width}x{height}{flags}",
        data.name,
        fitting.join(" or ")
    ))
}

/// What images are, such as `96x48 colour`.
pub(crate) fn kind_of_images([height, width]: [usize; 2], channels: usize) -> String {
    let colour = match channels {
        1 => "grey",
        4 => "colour with transparency",
        _ => "colour",
    };
    format!("{width}x{height} {colour}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Arguments, Command};
    use clap::Parser;

    fn choose(
        arguments: &str,
        [height, width]: [usize; 2],
        channels: usize,
    ) -> Result<TrainOptions, UsageError> {
        let line = ["ganvas", "train"].into_iter().chain(arguments.split_whitespace());
        let Command::Train(arguments) = Arguments::parse_from(line).command else { panic!() };
        let data = DataRecord {
            source: "cats".to_owned(),
            name: "cats".to_owned(),
            images: 10,
            height,
            width,
            channels,
            checksum: 0,
        };
        choose_networks(&Settings::new(&arguments), &data, false)
    }

    fn chosen(arguments: &str, size: [usize; 2], channels: usize) -> (Preset, Option<usize>) {
        let options = choose(arguments, size, channels).unwrap();
        assert_eq!(options.image_size(), size);
        (options.preset, options.width)
    }

    #[test]
    fn images_of_a_presets_own_size_take_it() {
        assert_eq!(chosen("", [28, 28], 1), (Preset::Dcgan28, None));
        for channels in [1, 3, 4] {
            assert_eq!(chosen("", [64, 64], channels), (Preset::Dcgan64, None));
        }
        assert_eq!(chosen("--width 64", [64, 64], 3), (Preset::Dcgan64, None));
        assert_eq!(chosen("--preset dcgan28-small", [28, 28], 1), (Preset::Dcgan28Small, None));
    }

    #[test]
    fn all_others_take_dcgan() {
        for (arguments, size, channels, width) in [
            ("", [28, 28], 3, 64),
            ("", [48, 96], 1, 64),
            ("--width 64", [28, 28], 1, 64),
            ("--width 8", [64, 64], 3, 8),
            ("--preset dcgan", [64, 64], 4, 64),
            ("--preset dcgan --width 16", [28, 28], 1, 16),
        ] {
            assert_eq!(chosen(arguments, size, channels), (Preset::Dcgan, Some(width)));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        let error =
            |arguments: &str, size, channels| choose(arguments, size, channels).unwrap_err().0;
        assert_eq!(
            error("--preset dcgan28", [48, 64], 3),
            "--preset dcgan28 takes 28x28 grey images, but those of `cats` are 64x48 colour; use \
             --preset dcgan, or --size 28x28 --channels 1"
        );
        let found = error("--preset dcgan64", [28, 28], 1);
        let others = "use --preset dcgan28 or --preset dcgan28-small or --preset dcgan, or --size \
                      64x64";
        assert!(found.ends_with(others), "{found}");
        for (preset, size) in [("dcgan28", [28, 28]), ("dcgan64", [64, 64])] {
            let arguments = format!("--preset {preset} --width 32");
            let found = error(&arguments, size, 1);
            let expected = format!("--preset {preset} has a width of its own");
            assert!(found.starts_with(&expected), "{found}");
        }
    }
}
