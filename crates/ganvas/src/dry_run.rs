//! `ganvas train --dry-run`: what would be trained.

use crate::{
    output::{event, show},
    progress::Event,
    record::Record,
};
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use gan::{networks::Network, trainer::Trainer};

/// Prints the options and both networks.
pub(crate) fn print(record: &Record, trainer: &Trainer) -> anyhow::Result<()> {
    event(&Event::DryRun { options: record });
    show("Options:");
    show(String::from_utf8_lossy(&record.to_json()?).trim_end());
    let networks = trainer.networks();
    for (title, network) in
        [("Generator", &networks.generator), ("Discriminator", &networks.discriminator)]
    {
        show(format_args!("\n{title}: {} parameters", thousands(network.parameter_count())));
        show(table(network));
    }
    show("\nDry run: nothing was trained or written.");
    Ok(())
}

fn table(network: &Network) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["name", "layer", "output (C, H, W)", "parameters"]);
    table.add_row(["input", "", &network.input().to_string(), ""]);
    for row in network.table() {
        let parameters = match row.parameters {
            0 => String::new(),
            parameters => thousands(parameters),
        };
        table.add_row([row.name, row.layer, row.output.to_string(), parameters]);
    }
    if let Some(column) = table.column_mut(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A number with its digits in threes.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use gan::networks::{Networks, Preset};

    #[test]
    fn digits_in_threes() {
        let numbers = [0, 999, 1000, 12_544, 1_234_567].map(thousands);
        assert_eq!(numbers, ["0", "999", "1,000", "12,544", "1,234,567"]);
    }

    #[test]
    fn a_network_has_one_row_a_layer() {
        let networks = Networks::new(Preset::Dcgan28, 1).unwrap();
        let text = table(&networks.generator).to_string();
        assert_eq!(text.lines().filter(|line| line.contains("main.")).count(), 12);
        assert!(text.contains("1,254,400"), "{text}");
    }
}
