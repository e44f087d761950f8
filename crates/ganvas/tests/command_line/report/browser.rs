//! Pages in headless Chromium, as their readers see them.

use serde::Deserialize;
use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const ON_MACOS: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
const PATIENCE: Duration = Duration::from_secs(120);

/// The colours that a reader prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Light,
    Dark,
}

/// What a reader sees in a window.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    /// What the page's script says once it has run.
    pub(super) script: String,
    /// Pixels that the page is wider than the window.
    pub(super) overflow: i64,
    /// The slider's greatest value.
    pub(super) slider: usize,
    pub(super) charts: usize,
    /// Pictures over time that are visible.
    pub(super) shown: usize,
    pub(super) caption: String,
    /// The caption and the pictures with the slider at its start.
    pub(super) chosen: String,
    /// Charts that then have a mark.
    pub(super) marks: usize,
    /// The background's colour.
    pub(super) ground: String,
}

/// Looks at a page `width` pixels wide; `None` where there is no browser and that is allowed.
pub(super) fn look(html: &str, width: u32, scheme: Scheme) -> Option<Seen> {
    // A window of Chromium's has a least width, and a frame in it has none.
    let page = html.replace('&', "&amp;").replace('"', "&quot;");
    let frame = format!(
        "<!doctype html><iframe width={width} height=844 style='border:0' srcdoc=\"{page}\"></iframe>\
         <pre id=seen></pre><script>{LOOK}</script>"
    );
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("frame.html");
    fs::write(&path, frame).unwrap();
    let dom = dump_with(&path, scheme)?;
    let (_, seen) = dom.rsplit_once("<pre id=\"seen\">").unwrap();
    let (seen, _) = seen.split_once("</pre>").unwrap();
    Some(serde_json::from_str(seen).unwrap_or_else(|error| panic!("{error}: {seen}")))
}

const LOOK: &str = r##"
document.querySelector("iframe").addEventListener("load", (event) => {
  const page = event.target.contentDocument, root = page.documentElement;
  const slider = page.querySelector("input"), caption = page.querySelector(".caption");
  const shown = () => [...page.querySelectorAll(".over-time img")].filter((image) => image.offsetWidth > 0).length;
  const seen = {
    script: root.dataset.script ?? "",
    overflow: root.scrollWidth - event.target.clientWidth,
    slider: Number(slider.max),
    charts: page.querySelectorAll(".chart svg").length,
    shown: shown(),
    caption: caption.textContent,
    ground: getComputedStyle(page.body).backgroundColor,
  };
  slider.value = 0;
  slider.dispatchEvent(new Event("input"));
  seen.chosen = `${caption.textContent}, ${shown()} shown`;
  seen.marks = page.querySelectorAll('.chart g[visibility="visible"]').length;
  document.querySelector("#seen").textContent = JSON.stringify(seen);
});
"##;

/// The DOM of a page after its scripts ran; `None` where there is no browser and that is allowed.
pub(super) fn dump(page: &Path) -> Option<String> {
    dump_with(page, Scheme::Light)
}

fn dump_with(page: &Path, scheme: Scheme) -> Option<String> {
    let browser = browser()?;
    let folder = TempDir::new().unwrap();
    let dom = folder.path().join("dom.html");
    let preferred = match scheme {
        Scheme::Dark => "--blink-settings=preferredColorScheme=0",
        Scheme::Light => "--blink-settings=preferredColorScheme=1",
    };
    let mut child = Command::new(&browser)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"])
        .args(["--no-first-run", "--virtual-time-budget=5000", "--window-size=1280,800", preferred])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .args(["--dump-dom".as_ref(), page.as_os_str()])
        .stdin(Stdio::null())
        .stdout(File::create(&dom).unwrap())
        .stderr(File::create(folder.path().join("log")).unwrap())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", browser.display()));
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{} took more than {PATIENCE:?}", browser.display());
        }
        thread::sleep(Duration::from_millis(50));
    };
    let log = fs::read_to_string(folder.path().join("log")).unwrap_or_default();
    assert!(status.success(), "{status}: {log}");
    Some(String::from_utf8_lossy(&fs::read(&dom).unwrap()).into_owned())
}

/// The browser to look with: the one that `GANVAS_BROWSER` names, or one of the usual names. None is
/// a failure unless `ALLOW_NO_BROWSER=1` is set by hand.
fn browser() -> Option<PathBuf> {
    if let Some(named) = env::var_os("GANVAS_BROWSER") {
        return Some(named.into());
    }
    let paths = env::var_os("PATH").unwrap_or_default();
    let in_path = env::split_paths(&paths).flat_map(|folder| {
        NAMES.map(|name| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
    });
    let found = in_path.chain([ON_MACOS.into()]).find(|path| path.is_file());
    if found.is_none() && env::var("ALLOW_NO_BROWSER").as_deref() != Ok("1") {
        panic!(
            "no Chromium to look at pages with: install it (Debian: `apt-get install chromium`), or \
             name it in GANVAS_BROWSER; ALLOW_NO_BROWSER=1 lets tests pass without it"
        );
    }
    found
}
