//! A server of one file that does what servers do wrong.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

pub(super) const LENGTH: usize = 200_000;
pub(super) const SHA256: &str = "15c232e5a97cbd9af221be6cb8fc35beb2a107538ae55961fd14cb761120c158";

/// What the server does with a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    /// Gives what was asked for.
    Whole,
    /// Gives all of it, whatever range was asked for.
    NoRange,
    /// Gives all of it with one bit wrong.
    Corrupt,
    /// Closes the connection after half of what is left.
    Cut,
    /// Gives half of what is left, then nothing.
    Stall,
    /// Answers nothing at all.
    Mute,
    /// Never ends.
    Endless,
    /// A page of another kind, as captive networks give.
    Page,
    /// An error.
    Status(u16),
}

/// A server that runs as long as the test process.
pub(super) struct Server {
    pub(super) address: String,
    asked: Arc<Mutex<Vec<u64>>>,
}

/// The file.
pub(super) fn contents() -> Vec<u8> {
    (0..LENGTH as u64).map(|i| ((i * i) >> 7) as u8).collect()
}

impl Server {
    /// Gives the first answer to the first request, and so on, the last to all others.
    pub(super) fn start(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let (asked, answers) = (Arc::new(Mutex::new(Vec::new())), answers.to_vec());
        let server = Self { address, asked: Arc::clone(&asked) };
        thread::spawn(move || {
            for (request, stream) in listener.incoming().enumerate() {
                let answer = answers[request.min(answers.len() - 1)];
                let asked = Arc::clone(&asked);
                thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let from = first_byte(&stream);
                    asked.lock().unwrap().push(from);
                    // The client may be gone before the end.
                    let _ = give(&mut stream, answer, from as usize);
                });
            }
        });
        server
    }

    /// The first byte of each request so far.
    pub(super) fn asked(&self) -> Vec<u64> {
        self.asked.lock().unwrap().clone()
    }
}

fn first_byte(stream: &TcpStream) -> u64 {
    let lines = BufReader::new(stream).lines().map(Result::unwrap);
    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    assert!(headers[0].starts_with("GET /numbers.gz "), "{headers:?}");
    let range = headers
        .iter()
        .find_map(|line| line.to_lowercase().strip_prefix("range: bytes=").map(str::to_owned));
    range.map_or(0, |range| range.trim_end_matches('-').parse().unwrap())
}

fn give(stream: &mut TcpStream, answer: Answer, from: usize) -> std::io::Result<()> {
    let mut file = contents();
    let head = |status: &str, fields: &str| {
        format!("HTTP/1.1 {status}\r\nConnection: close\r\n{fields}\r\n\r\n").into_bytes()
    };
    let length = |bytes: usize| format!("Content-Length: {bytes}");
    let from = if matches!(answer, Answer::NoRange) { 0 } else { from };
    match answer {
        Answer::Mute => return wait(stream),
        Answer::Page => stream.write_all(&head("200 OK", &length(12)))?,
        Answer::Status(status) => {
            return stream.write_all(&head(&format!("{status} Sorry"), &length(0)));
        }
        Answer::Endless => stream.write_all(&head("200 OK", "X: no length"))?,
        _ if from == 0 => stream.write_all(&head("200 OK", &length(LENGTH)))?,
        _ => {
            let range = format!("Content-Range: bytes {from}-{}/{LENGTH}", LENGTH - 1);
            let fields = format!("{}\r\n{range}", length(LENGTH - from));
            stream.write_all(&head("206 Partial Content", &fields))?;
        }
    }
    let half = from + (LENGTH - from) / 2;
    match answer {
        Answer::Page => stream.write_all(b"Please pay.\n"),
        Answer::Cut => stream.write_all(&file[from..half]),
        Answer::Stall => {
            stream.write_all(&file[from..half])?;
            wait(stream)
        }
        Answer::Endless => loop {
            stream.write_all(&file)?;
        },
        _ => {
            file[LENGTH - 1] ^= u8::from(matches!(answer, Answer::Corrupt));
            stream.write_all(&file[from..])
        }
    }
}

/// Until the client goes away.
fn wait(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.read(&mut [0]).map(|_| ())
}
