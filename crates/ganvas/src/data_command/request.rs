//! One HTTP request for the rest of a file.

use std::{
    io::{self, Read},
    time::Duration,
};
use ureq::{
    Agent, Body, BodyReader, Error,
    http::{Response, StatusCode, header},
};

/// Why a mirror gave nothing, or not all.
#[derive(Debug)]
pub(super) enum Failure {
    /// It would answer the same again.
    Final(String),
    /// It may do better next time.
    Passing(String),
}

/// The bytes of a file from a place on.
pub(super) struct Rest {
    /// The place.
    pub(super) from: u64,
    pub(super) bytes: BodyReader<'static>,
    stall: Duration,
}

/// A client that gives up on a server that lets it wait this long for anything.
pub(super) fn agent(stall: Duration) -> Agent {
    let config = Agent::config_builder()
        .user_agent(concat!("ganvas/", env!("CARGO_PKG_VERSION")))
        // Files are wanted as they are, so that their hashes are.
        .accept_encoding("identity")
        .http_status_as_error(false)
        .timeout_resolve(Some(stall))
        .timeout_connect(Some(stall))
        .timeout_recv_response(Some(stall))
        .timeout_per_read(Some(stall));
    config.build().new_agent()
}

impl Rest {
    /// Asks `url` for a file of `length` bytes from `from` on; a server that knows no ranges answers
    /// from 0 on.
    pub(super) fn ask(agent: &Agent, url: &str, from: u64, length: u64) -> Result<Self, Failure> {
        let stall = agent.config().timeouts().recv_response.unwrap_or_default();
        let request = match from {
            0 => agent.get(url),
            _ => agent.get(url).header(header::RANGE, format!("bytes={from}-")),
        };
        let response = request.call().map_err(|error| passing(error, stall))?;
        let from = first_byte(&response, from)?;
        let body = response.into_body();
        match body.content_length() {
            Some(found) if found != length - from => Err(Failure::Final(format!(
                "offers {found} bytes where {} are needed",
                length - from
            ))),
            _ => Ok(Self { from, bytes: body.into_reader(), stall }),
        }
    }

    /// Fills a part of `buffer`; 0 at the end.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
        loop {
            match self.bytes.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read.map_err(|error| passing(error.into(), self.stall)),
            }
        }
    }
}

/// Where the answer begins, `from` having been asked for.
fn first_byte(response: &Response<Body>, from: u64) -> Result<u64, Failure> {
    let status = response.status();
    match status {
        StatusCode::OK => Ok(0),
        StatusCode::PARTIAL_CONTENT => {
            let range = response.headers().get(header::CONTENT_RANGE);
            let range = range.and_then(|range| range.to_str().ok()).unwrap_or_default();
            match range.starts_with(&format!("bytes {from}-")) {
                true => Ok(from),
                false => Err(Failure::Final(format!(
                    "was asked for bytes from {from} on and answers with `{range}`"
                ))),
            }
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
            Err(Failure::Passing(format!("answers {status}")))
        }
        _ if status.is_server_error() => Err(Failure::Passing(format!("answers {status}"))),
        _ => Err(Failure::Final(format!("answers {status}"))),
    }
}

fn passing(error: Error, stall: Duration) -> Failure {
    Failure::Passing(match error {
        Error::Timeout(_) => format!("was silent for {} s", stall.as_secs_f64()),
        Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            "closed the connection too early".to_owned()
        }
        Error::Io(error) => error.to_string(),
        Error::HostNotFound => "the host's name is not known".to_owned(),
        other => other.to_string(),
    })
}
