//! `ganvas devices`: what can compute here.

use crate::{
    args::DevicesArguments,
    device_choice::{DeviceRequest, GET_A_DRIVER, choose},
    output::{event, say, show},
};
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use serde::Serialize;
use tensor_ops::Adapter;

/// One device.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct DeviceRow {
    /// What `--device` takes.
    pub(crate) device: String,
    pub(crate) name: String,
    kind: String,
    backend: String,
    driver: String,
    /// The vendor's and the device's number, of PCI where it is on such a bus.
    ids: Option<[u32; 2]>,
    /// Whether `auto` takes it.
    auto: bool,
    /// `None` for the CPU reference, which has none.
    limits: Option<Limits>,
}

/// The limits that decide which networks and kernels a device can run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Limits {
    /// Bytes of the largest buffer that a kernel can use.
    max_buffer_bytes: u64,
    /// Bytes of memory that the invocations of a workgroup share.
    workgroup_memory_bytes: u32,
    /// Invocations of the largest workgroup.
    workgroup_invocations: u32,
    /// Storage buffers that a kernel can use.
    storage_buffers: u32,
    /// The least and greatest number of invocations in step.
    subgroup_sizes: [u32; 2],
}

impl DeviceRow {
    /// An adapter's; `auto` takes the first.
    pub(crate) fn of(index: usize, adapter: &Adapter) -> Self {
        Self {
            device: index.to_string(),
            name: adapter.name().to_owned(),
            kind: adapter.kind().to_string(),
            backend: adapter.backend().to_owned(),
            driver: adapter.driver(),
            ids: Some(adapter.ids()),
            auto: index == 0,
            limits: Some(limits(adapter)),
        }
    }

    /// All of it in two lines.
    pub(crate) fn in_words(&self) -> String {
        let Self { name, kind, backend, driver, .. } = self;
        let limits = self.limits.map_or(String::new(), |limits| {
            let subgroups = match limits.subgroup_sizes {
                [least, greatest] if least == greatest => least.to_string(),
                [least, greatest] => format!("{least} to {greatest}"),
            };
            format!(
                "\nLimits: buffers of {} MiB, {} bytes of workgroup memory, workgroups of {}, {} \
                 storage buffers a kernel, subgroups of {subgroups}",
                limits.max_buffer_bytes >> 20,
                limits.workgroup_memory_bytes,
                limits.workgroup_invocations,
                limits.storage_buffers,
            )
        });
        format!("{name} ({kind}); {backend}, {driver}{limits}")
    }
}

/// Prints the devices.
pub(crate) async fn devices(arguments: &DevicesArguments) -> anyhow::Result<()> {
    let rows = rows(&tensor_ops::adapters().await)?;
    if arguments.json.json {
        event(&rows);
        return Ok(());
    }
    show(table(&rows));
    let auto = rows.iter().find(|row| row.auto);
    if let Some(row) = auto {
        say(format_args!("\n--device auto takes {} ({})", row.device, row.name));
    }
    if rows.len() == 1 {
        say("\nNo GPU adapter found (Vulkan, Metal or DX12).");
        say(format_args!("{GET_A_DRIVER}."));
    }
    Ok(())
}

fn rows(adapters: &[Adapter]) -> anyhow::Result<Vec<DeviceRow>> {
    let names: Vec<&str> = adapters.iter().map(Adapter::name).collect();
    let auto = choose(&DeviceRequest::Auto, &names)?;
    let mut rows: Vec<DeviceRow> =
        adapters.iter().enumerate().map(|(index, adapter)| DeviceRow::of(index, adapter)).collect();
    rows.push(DeviceRow {
        device: "cpu".to_owned(),
        name: "CPU reference".to_owned(),
        kind: "plain loops".to_owned(),
        backend: "-".to_owned(),
        driver: "-".to_owned(),
        ids: None,
        auto: auto.is_none(),
        limits: None,
    });
    Ok(rows)
}

fn limits(adapter: &Adapter) -> Limits {
    let limits = adapter.limits();
    let (least, greatest) = adapter.subgroup_sizes();
    Limits {
        max_buffer_bytes: limits.max_buffer_size.min(limits.max_storage_buffer_binding_size),
        workgroup_memory_bytes: limits.max_compute_workgroup_storage_size,
        workgroup_invocations: limits.max_compute_invocations_per_workgroup,
        storage_buffers: limits.max_storage_buffers_per_shader_stage,
        subgroup_sizes: [least, greatest],
    }
}

fn table(rows: &[DeviceRow]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    let mut header = vec![String::new()];
    header.extend(rows.iter().map(|row| {
        let auto = if row.auto { " (auto)" } else { "" };
        format!("{}{auto}", row.device)
    }));
    table.set_header(header);
    let mut line = |title: &str, cell: &dyn Fn(&DeviceRow) -> String| {
        table.add_row([title.to_owned()].into_iter().chain(rows.iter().map(cell)));
    };
    let limit = |row: &DeviceRow, value: &dyn Fn(&Limits) -> String| {
        row.limits.as_ref().map_or("-".to_owned(), value)
    };
    line("name", &|row| row.name.clone());
    line("kind", &|row| row.kind.clone());
    line("backend", &|row| row.backend.clone());
    line("driver", &|row| row.driver.clone());
    let mebibytes = |bytes: u64| format!("{} MiB", bytes >> 20);
    line("largest buffer", &|row| limit(row, &|l| mebibytes(l.max_buffer_bytes)));
    line("workgroup memory", &|row| limit(row, &|l| format!("{} bytes", l.workgroup_memory_bytes)));
    line("workgroup invocations", &|row| limit(row, &|l| l.workgroup_invocations.to_string()));
    line("storage buffers a kernel", &|row| limit(row, &|l| l.storage_buffers.to_string()));
    line("subgroup sizes", &|row| {
        limit(row, &|l| format!("{} to {}", l.subgroup_sizes[0], l.subgroup_sizes[1]))
    });
    if let Some(column) = table.column_mut(0) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
