//! `ganvas doctor`: whether this adapter computes what it should.

use crate::{
    args::DoctorArguments,
    device_choice::choose_adapter,
    devices::DeviceRow,
    doctor_report::{Look, Report, print_failures, print_tables, verdict},
    examination::examine,
    exit::{DeviceFailure, UsageError, VerificationError},
    output::{say, show},
    run_directory::check_out,
};
use std::time::Instant;
use verification::{
    Doctor, Findings, Level,
    faults::{PlantedFault, faults},
};

/// Checks the adapter that the arguments name.
pub(crate) async fn doctor(arguments: &DoctorArguments) -> anyhow::Result<()> {
    if arguments.plant.as_deref() == Some("list") {
        list_faults();
        return Ok(());
    }
    let level = if arguments.full { Level::Full } else { Level::Quick };
    let selection = arguments.only.clone().unwrap_or_default();
    let planted = planted(arguments)?;
    let doctor = Doctor::new(level, selection, planted)
        .map_err(|error| UsageError(format!("--only {error}")))?;
    if let Some(path) = &arguments.json {
        check_out(path, "--json", "report.json")?;
    }
    let (index, adapter) = choose_adapter(&arguments.device).await?;
    let row = DeviceRow::of(index, &adapter);
    say(format_args!("Device: {}", row.in_words()));
    if let Some(planted) = planted {
        let name = planted.name;
        if !doctor.meets_the_fault(adapter.open().await?.traits()) {
            let problem = format!("--plant {name}: nothing that is checked here runs that text");
            return Err(UsageError(problem).into());
        }
        say(format_args!("Planted: {name} ({})", planted.kind.name()));
    }
    let start = Instant::now();
    let examined = examine(&doctor, &adapter)?;
    let look = Look { arguments, level, device: &row, took: start.elapsed(), examined: &examined };

    print_tables(&look);
    print_failures(&look);
    let verdict = verdict(&look);
    show(format_args!("\n{verdict}"));
    if let Some(path) = &arguments.json {
        Report::new(&look).write(path)?;
        say(format_args!("Report: {}", path.display()));
    }
    judge(&examined.findings)
}

/// What is wrong counts more than that the device failed as well.
fn judge(findings: &Findings) -> anyhow::Result<()> {
    if findings.held() {
        Ok(())
    } else if findings.wrong().is_empty() && !findings.lost.is_empty() {
        let parts: Vec<&str> = findings.lost.keys().map(String::as_str).collect();
        Err(DeviceFailure(parts.join(", ")).into())
    } else {
        Err(VerificationError.into())
    }
}

fn list_faults() {
    let mut faults = faults();
    faults.sort_by_key(|fault| fault.name);
    let width = faults.iter().map(|fault| fault.name.len()).max().unwrap_or_default();
    for fault in faults {
        show(format_args!("{:width$}  {}", fault.name, fault.kind.name()));
    }
}

fn planted(arguments: &DoctorArguments) -> Result<Option<PlantedFault>, UsageError> {
    let Some(name) = &arguments.plant else { return Ok(None) };
    let planted = faults().into_iter().find(|fault| fault.name == name);
    let unknown = || UsageError(format!("--plant {name}: no such fault; see --plant list"));
    planted.map(Some).ok_or_else(unknown)
}
