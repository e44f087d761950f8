use super::*;
use crate::{
    args::{Arguments, Command},
    device_choice::ChosenDevice,
    record::DataRecord,
};
use clap::Parser;
use gan::{
    data::{Batches, Shuffled},
    executor::Device,
    networks::Preset,
    options::TrainOptions,
};
use pollster::block_on;
use std::{sync::Arc, thread};

#[test]
fn reals_come_from_all_over_the_data_and_differ_by_seed() {
    let data = Dataset::digits().unwrap();
    let reals = some_reals(&data, 0).unwrap();
    assert_eq!(reals.len(), 64 * 784);
    assert!(reals == some_reals(&data, 0).unwrap());
    assert!(reals != some_reals(&data, 1).unwrap());
    let mut first = Vec::new();
    (0..64).for_each(|index| data.append_image(index, &mut first).unwrap());
    assert!(reals != first, "not the first in the order of their paths");
    first.truncate(3 * 784);
    let few = Dataset::in_memory("few", first, [28, 28, 1]);
    assert_eq!(some_reals(&few, 0).unwrap().len(), 3 * 784);
}

fn settings(arguments: &[&str]) -> Settings {
    let arguments = Arguments::parse_from([&["ganvas", "train"], arguments].concat());
    let Command::Train(arguments) = arguments.command else { panic!("this is training") };
    Settings::new(&arguments)
}

#[test]
fn a_lost_device_names_the_last_checkpoint_and_exits_5() {
    if std::env::var("ALLOW_NO_GPU").as_deref() == Ok("1") {
        return;
    }
    let outdir = tempfile::tempdir().unwrap();
    let settings = settings(&["--batch", "8"]);
    let data = Arc::new(Dataset::digits().unwrap());
    let batches = Batches::new(&data, 8, 0, settings.mirror()).unwrap();
    let chosen = block_on(ChosenDevice::open(&settings.device)).unwrap();
    let device = chosen.device.clone();
    let Device::Gpu(gpu) = device.clone() else { panic!("there is no adapter") };
    let options = TrainOptions { batch: 8, ..TrainOptions::new(Preset::Dcgan28Small, 1) };
    let state = TrainState::new(options).unwrap();
    let data_record = DataRecord::new("digits", &data);
    let record = Record::new(&settings, &state.options, data_record, &chosen);
    let run = &RunDirectory::create(outdir.path(), "digits").unwrap();
    let mut training = TrainingLoop {
        measuring: None,
        trainer: block_on(Trainer::new(&device, &state)).unwrap(),
        data: &data,
        feed: Feed::inline(Shuffled { data: Arc::clone(&data), batches }),
        settings: &settings,
        run,
        events: EventLog::begin(run, 0).unwrap(),
        seconds_before: 0.0,
        unlogged: None,
        preview: None,
        record,
    };
    block_on(training.write_start()).unwrap();
    let loses = thread::spawn(move || {
        thread::sleep(Duration::from_millis(500));
        gpu.lose();
    });
    let error = block_on(training.run(&Interrupt::listen().unwrap())).err().unwrap();
    loses.join().unwrap();
    let said = format!("{error:#}");
    assert_eq!(crate::exit::code(&error), 5, "{said}");
    for part in ["the device was lost", "00000000.safetensors", "train --resume"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
