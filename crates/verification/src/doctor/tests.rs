//! The doctor finds what is planted, names it, and shows it again.

use super::*;
use crate::{faults::faults, under_test::gpu};
use pollster::block_on;
use std::cell::{Cell, RefCell};

fn doctor(level: Level, only: &str, planted: Option<PlantedFault>) -> Doctor {
    let Ok(selection) = only.parse();
    Doctor::new(level, selection, planted).unwrap()
}

fn perform(doctor: &Doctor, gpu: &Gpu) -> Findings {
    let mut findings = Findings::default();
    for work in doctor.work() {
        block_on(doctor.perform(gpu, work, &mut findings, &|_| ())).unwrap();
    }
    findings
}

fn planted(name: &str) -> Option<PlantedFault> {
    let found = faults().into_iter().find(|fault| fault.name == name);
    assert!(found.is_some(), "{name}");
    found
}

#[test]
fn a_fault_is_named_by_op_variant_and_path() {
    let Some(gpu) = gpu() else { return };
    for name in ["tanh:coarse", "sum:no-barrier", "bias:stale"] {
        let (op, _) = name.split_once(':').unwrap();
        let findings = perform(&doctor(Level::Quick, op, planted(name)), &gpu);
        assert_eq!(findings.wrong(), [op]);
        assert!(!findings.failures.is_empty(), "{name}");
        for failure in &findings.failures {
            assert_eq!(failure.op, op);
            // The path that is told leads to the same failure.
            let again = perform(&doctor(Level::Quick, &failure.only, planted(name)), &gpu);
            assert!(again.wrong() == [op], "{}", failure.only);
            assert!(perform(&doctor(Level::Quick, &failure.only, None), &gpu).held());
        }
    }
}

#[test]
fn a_law_names_what_it_is_about() {
    let Some(gpu) = gpu() else { return };
    let only = "law/softplus-is-odd";
    assert!(perform(&doctor(Level::Quick, only, None), &gpu).held());
    let fault = planted("bce_with_logits:nan");
    let findings = perform(&doctor(Level::Quick, only, fault), &gpu);
    assert_eq!(findings.wrong(), ["softplus-is-odd"]);
    assert!(findings.failures.iter().all(|f| f.op == "bce_with_logits" && f.only == only));
}

#[test]
fn a_step_names_the_kernel_and_its_own_batch() {
    let Some(gpu) = gpu() else { return };
    let only = "step/dcgan28-small/3";
    let findings = perform(&doctor(Level::Quick, only, planted("adam:ascends")), &gpu);
    assert_eq!(findings.wrong(), ["dcgan28-small at batch 3"]);
    let [failure, ..] = &findings.failures[..] else { panic!("nothing is told") };
    assert_eq!((failure.op.as_str(), failure.only.as_str()), ("adam", only));
    assert!(failure.case.contains("adam"), "{}", failure.case);
}

#[test]
fn a_lost_device_is_an_error_that_keeps_what_was_found() {
    let Some(gpu) = gpu() else { return };
    let doctor = doctor(Level::Quick, "tanh", None);
    let (cases, last) = (Cell::new(0), RefCell::new(String::new()));
    let on_case = |path: &str| {
        cases.set(cases.get() + 1);
        path.clone_into(&mut last.borrow_mut());
        if cases.get() == 4 {
            gpu.lose();
        }
    };
    let mut findings = Findings::default();
    let work = doctor.work()[0];
    let error = block_on(doctor.perform(&gpu, work, &mut findings, &on_case)).unwrap_err();
    // The buffers that a lost device does not make may be what is reported first.
    let lost = matches!(error, DeviceError::Lost { .. } | DeviceError::Reported { .. });
    assert!(lost, "{error:?}");
    assert_eq!((cases.get(), last.borrow().as_str()), (4, "tanh/small/1/normal"));
    assert!(findings.total().cases >= 3 && findings.wrong().is_empty());
}

/// Quick and full go through all ops; a path alone decides where it names a group.
#[test]
fn work_is_what_the_selection_names() {
    let all = doctor(Level::Quick, "", None);
    let ops = all.work().into_iter().filter(|work| matches!(work, Work::Op(_)));
    assert_eq!(ops.count(), Op::KERNELS.len());
    let count = |level, only: &str| doctor(level, only, None).work().len();
    assert!(count(Level::Full, "") > count(Level::Quick, ""));
    assert_eq!(count(Level::Quick, "conv2d"), 1);
    assert_eq!(count(Level::Quick, "conv2d/whole-batches/0/integers"), 1);
    assert_eq!(count(Level::Quick, "LAW"), Law::ALL.len());
    assert_eq!(count(Level::Quick, "step"), 1);
    assert_eq!(count(Level::Full, "step"), STEPS.len());
    assert_eq!(count(Level::Quick, "traps"), 1);
}

#[test]
fn what_names_nothing_is_refused_with_what_there_is() {
    for (only, there) in [
        ("relu", "fill, copy"),
        ("tanh/nothing", "small"),
        ("tanh/small/99", "cases 0 to"),
        ("tanh/small/0/odd", "integers"),
        ("tanh/small/0/integers/more", "nothing below it"),
        ("law/none", "adjoint"),
        ("law/adjoint/0", "nothing below it"),
        ("step/dcgan65", "dcgan64"),
        ("step/dcgan28/3", "is 4"),
        ("traps/loops", "nothing below it"),
    ] {
        let Ok(selection) = only.parse();
        let error = Doctor::new(Level::Quick, selection, None).unwrap_err().to_string();
        assert!(error.contains(only) && error.contains(there), "{error}");
    }
}

#[test]
fn a_fault_that_nothing_runs_is_known() {
    let eight = Traits::SUBGROUPS_OF_8;
    for (name, only, traits, meets) in [
        ("tanh:coarse", "tanh", Traits::PLAIN, true),
        ("tanh:coarse", "add", Traits::PLAIN, false),
        ("tanh:coarse", "step", Traits::PLAIN, true),
        ("tanh:coarse", "law/tanh-ends", Traits::PLAIN, true),
        ("tanh:coarse", "traps", Traits::PLAIN, false),
        ("conv2d:dropped-k-subgroup8", "conv2d", eight, true),
        ("conv2d:dropped-k-subgroup8", "conv2d", Traits::PLAIN, false),
    ] {
        let doctor = doctor(Level::Quick, only, planted(name));
        assert_eq!(doctor.meets_the_fault(traits), meets, "{name}, {only}");
    }
}
