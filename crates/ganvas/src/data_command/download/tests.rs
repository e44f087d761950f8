use super::*;
use server::{Answer, Server, contents};
use tempfile::TempDir;

mod server;

const FILE: PublishedFile =
    PublishedFile { name: "numbers.gz", bytes: server::LENGTH as u64, sha256: server::SHA256 };
const PATIENCE: Patience = Patience {
    stall: Duration::from_millis(300),
    pauses: &[Duration::from_millis(10), Duration::from_millis(10)],
};

struct Fetched {
    folder: TempDir,
    result: Result<Origin, DownloadError>,
    failures: Vec<String>,
    /// The first byte that was asked for, by request.
    asked: Vec<u64>,
}

impl Fetched {
    fn target(&self) -> PathBuf {
        self.folder.path().join(FILE.name)
    }

    fn partial(&self) -> PathBuf {
        self.folder.path().join("numbers.gz.partial")
    }

    #[track_caller]
    fn assert_whole(&self) {
        assert!(matches!(self.result, Ok(Origin::Mirror(_))), "{:?}", self.result);
        assert_eq!(fs::read(self.target()).unwrap(), contents());
        assert!(!self.partial().exists());
    }

    #[track_caller]
    fn refusal(&self) -> String {
        assert!(!self.target().exists(), "nothing wrong gets the file's name");
        self.result.as_ref().unwrap_err().to_string()
    }
}

/// Fetches from one server that answers so, the last answer again and again, with `partial` there.
fn fetch(partial: Option<&[u8]>, answers: &[Answer]) -> Fetched {
    let folder = TempDir::new().unwrap();
    if let Some(bytes) = partial {
        fs::write(folder.path().join("numbers.gz.partial"), bytes).unwrap();
    }
    let server = Server::start(answers);
    fetch_into(folder, &[&server.address], &[&server])
}

fn fetch_into(folder: TempDir, mirrors: &[&str], servers: &[&Server]) -> Fetched {
    let mut failures = Vec::new();
    let result = download(&FILE, mirrors, folder.path(), PATIENCE, &mut |event| match event {
        Event::Bytes(bytes) => assert!(bytes <= FILE.bytes),
        Event::Failed { problem, .. } => failures.push(problem.to_owned()),
    });
    let asked = servers.iter().flat_map(|server| server.asked()).collect();
    Fetched { folder, result, failures, asked }
}

#[test]
fn a_file_arrives_whole() {
    let fetched = fetch(None, &[Answer::Whole]);
    fetched.assert_whole();
    assert_eq!((fetched.failures.len(), fetched.asked), (0, vec![0]));
}

#[test]
fn a_file_that_is_there_and_right_is_left_and_nobody_is_asked() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(FILE.name), contents()).unwrap();
    let fetched = fetch_into(folder, &["http://127.0.0.1:1/"], &[]);
    assert!(matches!(fetched.result, Ok(Origin::Folder)), "{:?}", fetched.result);
}

#[test]
fn a_file_that_is_there_and_wrong_is_an_error_and_stays() {
    let mut changed = contents();
    changed[7] ^= 1;
    for (bytes, part) in [(b"mine".to_vec(), "it has 4 bytes"), (changed, "its SHA-256 is ")] {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join(FILE.name), &bytes).unwrap();
        let fetched = fetch_into(folder, &["http://127.0.0.1:1/"], &[]);
        let error = fetched.result.as_ref().unwrap_err().to_string();
        assert!(error.contains(part) && error.contains("--outdir"), "{error}");
        assert_eq!(fs::read(fetched.target()).unwrap(), bytes);
    }
}

#[test]
fn a_cut_download_goes_on_where_it_stopped() {
    // More often than rounds without progress are allowed.
    for cut in [Answer::Cut, Answer::Stall] {
        let fetched = fetch(None, &[cut, cut, cut, cut, cut, Answer::Whole]);
        fetched.assert_whole();
        assert!(fetched.asked.is_sorted_by(|a, b| a < b), "{:?}", fetched.asked);
        assert_eq!((fetched.asked[0], fetched.asked.len(), fetched.failures.len()), (0, 6, 5));
    }
}

#[test]
fn what_an_earlier_command_left_is_not_asked_for_again() {
    let half = &contents()[..server::LENGTH / 2];
    let fetched = fetch(Some(half), &[Answer::Whole]);
    fetched.assert_whole();
    assert_eq!(fetched.asked, [half.len() as u64]);

    let fetched = fetch(Some(&contents()), &[Answer::Status(500)]);
    fetched.assert_whole();
    assert!(fetched.asked.is_empty());
}

#[test]
fn a_server_without_ranges_starts_over() {
    let fetched = fetch(Some(&contents()[..1000]), &[Answer::NoRange]);
    fetched.assert_whole();
    assert_eq!(fetched.asked, [1000]);
}

#[test]
fn a_wrong_beginning_is_thrown_away() {
    for wrong in [vec![9; 1000], vec![9; server::LENGTH], vec![9; server::LENGTH + 5]] {
        let fetched = fetch(Some(&wrong), &[Answer::Whole]);
        fetched.assert_whole();
        assert_eq!(fetched.asked.last(), Some(&0));
    }
}

#[test]
fn damage_is_found_and_no_file_is_left() {
    let fetched = fetch(None, &[Answer::Corrupt]);
    let error = fetched.refusal();
    assert!(error.contains("its SHA-256 is ") && error.contains(FILE.sha256), "{error}");
    assert!(!fetched.partial().exists());
    assert_eq!(fetched.asked, [0], "the same server would give the same");
}

#[test]
fn the_next_mirror_is_asked() {
    for bad in
        [Answer::Status(404), Answer::Status(500), Answer::Corrupt, Answer::Page, Answer::Cut]
    {
        let (first, second) = (Server::start(&[bad]), Server::start(&[Answer::Whole]));
        let mirrors = [first.address.as_str(), &second.address];
        let fetched = fetch_into(TempDir::new().unwrap(), &mirrors, &[&first, &second]);
        fetched.assert_whole();
        assert_eq!(fetched.asked.len(), 2, "{bad:?}: {:?}", fetched.asked);
        let origin = fetched.result.as_ref().unwrap();
        assert_eq!(*origin, Origin::Mirror(second.address.clone()), "{bad:?}");
    }
}

#[test]
fn what_may_pass_is_tried_again_and_what_will_not_is_not() {
    for (answer, tries, part) in [
        (Answer::Status(503), 3, "answers 503"),
        (Answer::Status(429), 3, "answers 429"),
        (Answer::Mute, 3, "was silent for 0.3 s"),
        (Answer::Status(404), 1, "answers 404"),
        (Answer::Page, 1, "offers 12 bytes where 200000 are needed"),
        (Answer::Endless, 1, "gives more than 200000 bytes"),
    ] {
        let fetched = fetch(None, &[answer]);
        let error = fetched.refusal();
        assert!(error.contains(part), "{answer:?}: {error}");
        assert_eq!(fetched.asked.len(), tries, "{answer:?}");
    }
    let fetched = fetch_into(TempDir::new().unwrap(), &["http://127.0.0.1:1/"], &[]);
    assert_eq!(fetched.failures.len(), 3, "nobody listens there");
    fetched.refusal();
}

#[test]
fn an_error_says_what_is_kept() {
    let fetched = fetch(None, &[Answer::Cut, Answer::Status(500)]);
    let error = fetched.refusal();
    let kept = fs::metadata(fetched.partial()).unwrap().len();
    assert!(error.contains(&format!("; {kept} of 200000 bytes are kept in ")), "{error}");
}
