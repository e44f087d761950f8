//! Every fault of the catalogue, planted one after the other, is found by the quick checks of its
//! op. Without one they all hold.

use ganvas_tests::{count_cases, gpu};
use graph::Op;
use pollster::block_on;
use tensor_ops::{Fault, Gpu, Traits};
use verification::{
    Check, Family, Form, Level, Lie, OpCase, Proof, Wrong,
    faults::{Kind, PlantedFault, faults},
    proofs, unchecked_forms,
};

/// A case on a family, as the quick doctor checks it.
struct Quick<'a> {
    group: &'a str,
    case: &'a OpCase,
    family: Family,
    check: Check<'a>,
    forms: Vec<Form>,
}

fn quick(proof: &Proof, traits: Traits) -> Vec<Quick<'_>> {
    let groups = proof.groups.iter().filter(|group| group.level == Level::Quick);
    groups
        .flat_map(|group| {
            group.families.iter().flat_map(move |&family| {
                group.cases.iter().map(move |case| Quick {
                    group: group.name,
                    case,
                    family,
                    check: Check::new(case, family, group.operands),
                    forms: unchecked_forms(case, traits),
                })
            })
        })
        .collect()
}

impl Quick<'_> {
    /// What is wrong in these forms, and where in words.
    fn found(&self, gpu: &Gpu, forms: &[Form], fault: Option<Fault>) -> Option<(String, Wrong)> {
        let compared = block_on(self.check.run(gpu, forms, fault));
        count_cases(gpu, forms.len() as u64);
        let compared = compared.unwrap_or_else(|error| panic!("{}: {error}", self.case));
        let wrong =
            compared.forms.into_iter().find_map(|(form, result)| Some((form, result.err()?)));
        let (form, wrong) = wrong?;
        let Self { group, case, family, .. } = self;
        Some((format!("{group}: {case} on {family}, {form}"), wrong))
    }

    /// The forms whose kernels a fault is in.
    fn touched(&self, planted: &PlantedFault) -> Vec<Form> {
        let graph = self.case.graph(Lie::InBuffers);
        let touches = |form: &&Form| planted.touches(&graph, form.traits);
        self.forms.iter().filter(touches).copied().collect()
    }
}

/// How a fault was met.
enum Met {
    Found(String, Wrong),
    Missed,
    /// This adapter never runs the text that it is in.
    NotHere,
}

fn plant(gpu: &Gpu, planted: &PlantedFault, checks: &[Quick<'_>]) -> Met {
    let mut met = Met::NotHere;
    for quick in checks {
        let forms = quick.touched(planted);
        if forms.is_empty() {
            continue;
        }
        // One form is enough for most, and each one more is another pipeline to compile.
        let found = (1..=forms.len())
            .find_map(|count| quick.found(gpu, &forms[..count], Some(planted.fault)));
        if let Some((place, wrong)) = found {
            return Met::Found(place, wrong);
        }
        met = Met::Missed;
    }
    met
}

#[test]
fn every_planted_fault_is_found() {
    let Some(gpu) = gpu() else { return };
    let (mut found, mut skipped, mut missed) = (0, 0, Vec::new());
    for proof in proofs() {
        let checks = quick(&proof, gpu.traits());
        for planted in faults().iter().filter(|planted| planted.fault.op == proof.op) {
            let (name, kind) = (planted.name, planted.kind.name());
            match plant(gpu, planted, &checks) {
                Met::Found(place, wrong) => {
                    println!("{name} ({kind}): found by {place}: {wrong}");
                    // What is written where it must not is seen there, and nowhere else.
                    let touched = matches!(wrong, Wrong::Touched(_));
                    let writes = planted.kind == Kind::PastTheEnd && !name.contains("reads-");
                    assert_eq!(touched, writes, "{name}: {wrong}");
                    found += 1;
                }
                Met::Missed => missed.push(name),
                Met::NotHere => {
                    let elsewhere =
                        checks.iter().map(|quick| quick.case.graph(Lie::InBuffers)).any(|graph| {
                            Traits::of_every_variant().any(|t| planted.touches(&graph, t))
                        });
                    assert!(elsewhere, "{name} is in no kernel of the quick checks");
                    println!(
                        "{name} ({kind}): skipped, as {} never runs this kernel",
                        gpu.adapter()
                    );
                    skipped += 1;
                }
            }
        }
    }
    println!("{found} faults found, {skipped} skipped, {} missed", missed.len());
    assert!(missed.is_empty(), "missed: {missed:#?}");
    assert_eq!(found + skipped, faults().len());
    assert!(found >= 5 * Op::KERNELS.len(), "only {found} faults were planted");
}

#[test]
fn without_a_fault_all_hold() {
    let Some(gpu) = gpu() else { return };
    for proof in proofs() {
        let checks = quick(&proof, gpu.traits());
        assert!(!checks.is_empty(), "{} has no quick checks", proof.op);
        for quick in checks {
            if let Some((place, wrong)) = quick.found(gpu, &quick.forms, None) {
                panic!("{}: {place}: {wrong}", proof.op);
            }
        }
    }
}
