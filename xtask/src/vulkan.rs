//! Which Vulkan drivers a Linux machine has, by the rules of the Vulkan loader.
//!
//! A driver is a manifest, a JSON file that names a library. See "Driver discovery on Linux" in the
//! loader's documentation (KhronosGroup/Vulkan-Loader, `LoaderDriverInterface.md`).

use crate::adapters::Software;
use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

/// A list of manifests that replaces the folders.
pub(crate) const OVERRIDE: &str = "VK_DRIVER_FILES";

/// Such lists by their new and their old name, the first one set being used.
pub(crate) const OVERRIDES: [&str; 2] = [OVERRIDE, "VK_ICD_FILENAMES"];

/// Lists of manifests that come before the folders.
const ADDITIONS: &str = "VK_ADD_DRIVER_FILES";

/// Drivers that need no GPU.
const SOFTWARE: [Software; 2] = [Software::Llvmpipe, Software::SwiftShader];

/// Where browsers, which bring SwiftShader, are installed: Debian, Arch and Alpine; Fedora and
/// openSUSE; Debian's derivatives; the browsers' own packages.
const BROWSERS: [&str; 9] = [
    "usr/lib/chromium",
    "usr/lib64/chromium-browser",
    "usr/lib64/chromium",
    "usr/lib/chromium-browser",
    "opt/chromium.org/chromium",
    "opt/google/chrome",
    "opt/google/chrome-beta",
    "opt/microsoft/msedge",
    "opt/brave.com/brave",
];

/// Device files that a GPU's driver needs: Linux graphics, NVIDIA, Windows under WSL.
const DEVICES: [(&str, &str); 3] = [("dev/dri", "renderD"), ("dev", "nvidia0"), ("dev", "dxg")];

/// What a machine has for Vulkan.
#[derive(Debug, PartialEq)]
pub(crate) enum Vulkan {
    /// A driver that can be expected to yield an adapter, and its loader.
    Found {
        /// The driver's manifest.
        manifest: PathBuf,
    },
    /// The user's environment names manifests, none of which exists.
    Overridden {
        /// The variable that names them.
        variable: &'static str,
    },
    /// No driver, no loader, or drivers for GPUs that are not there.
    Missing,
}

/// Looks at a machine whose file system begins at `root`.
pub(crate) fn find(root: &Path, variable: impl Fn(&str) -> Option<OsString>) -> Vulkan {
    let has_loader = library_folders(root, &variable)
        .iter()
        .any(|folder| folder.join("libvulkan.so.1").exists());
    let overriding = OVERRIDES
        .into_iter()
        .find_map(|name| Some((name, variable(name).filter(|list| !list.is_empty())?)));
    if let Some((variable, list)) = overriding {
        return match env::split_paths(&list).flat_map(|path| manifests(&path)).next() {
            Some(manifest) if has_loader => Vulkan::Found { manifest },
            Some(_) => Vulkan::Missing,
            None => Vulkan::Overridden { variable },
        };
    }
    let has_device = DEVICES.iter().any(|(folder, prefix)| {
        names(&root.join(folder)).iter().any(|name| name.starts_with(prefix))
    });
    let additions = variable(ADDITIONS).unwrap_or_default();
    let manifest = env::split_paths(&additions)
        .chain(manifest_folders(root, &variable))
        .flat_map(|path| manifests(&path))
        .find(|manifest| has_device || is_software(manifest));
    match manifest {
        Some(manifest) if has_loader => Vulkan::Found { manifest },
        _ => Vulkan::Missing,
    }
}

/// The manifest of a software driver: in the user's lists, the loader's folders, or a browser's.
pub(crate) fn software_manifest(
    root: &Path,
    variable: impl Fn(&str) -> Option<OsString>,
    driver: Software,
) -> Option<PathBuf> {
    let lists = [OVERRIDES.as_slice(), &[ADDITIONS]].concat();
    let lists: Vec<OsString> = lists.into_iter().filter_map(&variable).collect();
    let browsers = BROWSERS.map(|folder| root.join(folder));
    lists
        .iter()
        .flat_map(env::split_paths)
        .chain(manifest_folders(root, &variable))
        .chain(browsers)
        .flat_map(|path| manifests(&path))
        .find(|manifest| is_of(manifest, driver))
}

fn is_software(manifest: &Path) -> bool {
    SOFTWARE.into_iter().any(|driver| is_of(manifest, driver))
}

fn is_of(manifest: &Path, driver: Software) -> bool {
    let name = manifest.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name.contains(driver.manifest_name())
}

/// A manifest itself, or those in a folder.
fn manifests(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let names = names(path);
    names.iter().filter(|name| name.ends_with(".json")).map(|name| path.join(name)).collect()
}

/// The XDG folders, the user's before the system's.
fn manifest_folders(root: &Path, variable: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let home = variable("HOME").map(PathBuf::from).unwrap_or_default();
    let list = |name: &str, default: &str| {
        let paths = variable(name).filter(|list| !list.is_empty()).unwrap_or(default.into());
        env::split_paths(&paths).map(|path| below(root, &path)).collect::<Vec<_>>()
    };
    let own = |name: &str, default: &str| {
        vec![variable(name).map_or_else(|| home.join(default), PathBuf::from)]
    };
    let folders = [
        own("XDG_CONFIG_HOME", ".config"),
        list("XDG_CONFIG_DIRS", "/etc/xdg"),
        vec![root.join("etc"), root.join("usr/local/etc")],
        own("XDG_DATA_HOME", ".local/share"),
        list("XDG_DATA_DIRS", "/usr/local/share:/usr/share"),
    ];
    folders.concat().into_iter().map(|folder| folder.join("vulkan/icd.d")).collect()
}

/// Where the dynamic linker finds libraries, the folders of architectures included.
fn library_folders(root: &Path, variable: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let own = variable("LD_LIBRARY_PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&own).collect();
    for folder in ["usr/local/lib", "usr/lib64", "usr/lib", "lib64", "lib", "run/opengl-driver/lib"]
    {
        let folder = root.join(folder);
        let architectures =
            names(&folder).into_iter().filter(|name| name.contains("-linux-")).collect::<Vec<_>>();
        folders.extend(architectures.iter().map(|name| folder.join(name)));
        folders.push(folder);
    }
    folders
}

/// A system path as seen from `root`.
fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// The names in a folder, sorted; none where it cannot be read.
fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOADER: &str = "usr/lib/x86_64-linux-gnu/libvulkan.so.1";
    const LLVMPIPE: &str = "usr/share/vulkan/icd.d/lvp_icd.x86_64.json";
    const RADEON: &str = "etc/vulkan/icd.d/radeon_icd.json";

    fn machine(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        root
    }

    fn found(files: &[&str]) -> Option<String> {
        let root = machine(files);
        match find(root.path(), |_| None) {
            Vulkan::Found { manifest } => {
                Some(manifest.strip_prefix(root.path()).unwrap().to_str().unwrap().to_owned())
            }
            _ => None,
        }
    }

    #[test]
    fn software_needs_a_manifest_and_the_loader() {
        assert_eq!(found(&[LOADER, LLVMPIPE]).as_deref(), Some(LLVMPIPE));
        assert_eq!(found(&[LOADER]), None);
        assert_eq!(found(&[LLVMPIPE]), None);
    }

    #[test]
    fn a_driver_of_hardware_needs_the_hardware() {
        assert_eq!(found(&[LOADER, RADEON]), None);
        assert_eq!(found(&[LOADER, RADEON, "dev/dri/renderD128"]).as_deref(), Some(RADEON));
        assert_eq!(found(&[LOADER, RADEON, LLVMPIPE]).as_deref(), Some(LLVMPIPE));
    }

    fn found_software(files: &[&str], driver: Software) -> Option<String> {
        let root = machine(files);
        let manifest = software_manifest(root.path(), |_| None, driver)?;
        Some(manifest.strip_prefix(root.path()).unwrap().to_str().unwrap().to_owned())
    }

    #[test]
    fn swiftshader_comes_with_browsers() {
        let swiftshader = Software::SwiftShader;
        assert_eq!(found_software(&[LOADER, LLVMPIPE, RADEON], swiftshader), None);
        for folder in BROWSERS {
            let manifest = format!("{folder}/vk_swiftshader_icd.json");
            let files = [LOADER, LLVMPIPE, &manifest];
            assert_eq!(found_software(&files, swiftshader).as_ref(), Some(&manifest));
            assert_eq!(found_software(&files, Software::Llvmpipe).as_deref(), Some(LLVMPIPE));
            // The loader does not look there by itself.
            assert_eq!(found(&[LOADER, &manifest]), None);
        }
    }

    #[test]
    fn the_users_swiftshader_comes_first() {
        let own = "opt/own/vk_swiftshader_icd.json";
        let root = machine(&[own, "usr/lib/chromium/vk_swiftshader_icd.json", LLVMPIPE]);
        let path = root.path().join(own);
        for variable in [OVERRIDES.as_slice(), &[ADDITIONS]].concat() {
            let variables = |name: &str| (name == variable).then(|| path.clone().into_os_string());
            let find = |driver| software_manifest(root.path(), variables, driver);
            assert_eq!(find(Software::SwiftShader), Some(path.clone()));
            assert_eq!(find(Software::Llvmpipe), Some(root.path().join(LLVMPIPE)));
        }
    }

    #[test]
    fn the_users_choice_replaces_the_folders() {
        let root = machine(&[LOADER, LLVMPIPE, "opt/chosen.json"]);
        for variable in OVERRIDES {
            let choose = |path: &str| {
                let path = root.path().join(path).into_os_string();
                find(root.path(), move |name| (name == variable).then(|| path.clone()))
            };
            let manifest = root.path().join("opt/chosen.json");
            assert_eq!(choose("opt/chosen.json"), Vulkan::Found { manifest: manifest.clone() });
            assert_eq!(choose("opt"), Vulkan::Found { manifest });
            assert_eq!(choose("opt/absent.json"), Vulkan::Overridden { variable });
        }
    }
}
