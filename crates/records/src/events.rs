//! Event files, which TensorBoard shows: numbers over steps, and pictures.
//!
//! A file is one session of training. It says first which version of the format it has and at which
//! step the session starts. On that, TensorBoard drops what earlier files of the folder have at that
//! step or later, so that what a killed session wrote after its last checkpoint does not show twice.

use crate::{
    leaves::leaves,
    messages::{Event, Image, Kind, SessionLog, SessionStatus, Summary, Value, What},
    tfrecord::frame,
};
use image::{ImageDecoder, codecs::png::PngDecoder};
use prost::Message;
use std::io::{self, Cursor, Write};

/// The version that says that sessions are told apart by their starts.
const VERSION: &str = "brain.Event:2";

/// When something happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Steps done.
    pub step: u64,
    /// Seconds since 1970.
    pub wall_time: f64,
}

/// An event that is not in the file.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The file cannot be written.
    #[error("cannot be written: {0}")]
    Write(#[from] io::Error),
    /// What was given as a PNG is none.
    #[error("`{tag}` needs a PNG: {problem}")]
    Png {
        /// What the picture is called.
        tag: String,
        /// What is wrong with it.
        problem: image::ImageError,
    },
}

/// An event file that is being written. Each event is one write, so that a program that is killed
/// leaves at most one torn event at the end, which readers leave out.
#[derive(Debug)]
pub struct EventFile<W> {
    file: W,
}

impl<W: Write> EventFile<W> {
    /// Begins an empty file for a session whose first event comes at `start.step` or later.
    ///
    /// # Errors
    /// [`EventError::Write`] if it cannot be written.
    pub fn begin(file: W, start: Moment) -> Result<Self, EventError> {
        let mut events = Self { file };
        events.write(Moment { step: 0, ..start }, What::FileVersion(VERSION.to_owned()))?;
        let status = SessionStatus::Start.into();
        events.write(start, What::SessionLog(SessionLog { status }))?;
        Ok(events)
    }

    /// Writes every number of a JSON object as a scalar in f32, numbers of objects within it as
    /// `KEY/KEY`; but not `step`, which is the axis.
    ///
    /// # Errors
    /// [`EventError::Write`] if the file cannot be written.
    pub fn scalars(&mut self, moment: Moment, line: &serde_json::Value) -> Result<(), EventError> {
        let scalars = leaves(line).into_iter().filter_map(|(path, value)| {
            let number = value.as_f64().filter(|_| path != ["step"])?;
            Some(Value { tag: path.join("/"), kind: Some(Kind::Scalar(number as f32)) })
        });
        let value: Vec<Value> = scalars.collect();
        match value.is_empty() {
            true => Ok(()),
            false => self.write(moment, What::Summary(Summary { value })),
        }
    }

    /// Writes a picture.
    ///
    /// # Errors
    /// [`EventError::Png`] if it is no PNG; [`EventError::Write`] if the file cannot be written.
    pub fn picture(&mut self, moment: Moment, tag: &str, png: &[u8]) -> Result<(), EventError> {
        let decoder = PngDecoder::new(Cursor::new(png))
            .map_err(|problem| EventError::Png { tag: tag.to_owned(), problem })?;
        let (width, height) = decoder.dimensions();
        let image = Image {
            height: height as i32,
            width: width as i32,
            colorspace: decoder.color_type().channel_count().into(),
            encoded_image_string: png.to_vec(),
        };
        let value = vec![Value { tag: tag.to_owned(), kind: Some(Kind::Image(image)) }];
        self.write(moment, What::Summary(Summary { value }))
    }

    fn write(&mut self, Moment { step, wall_time }: Moment, what: What) -> Result<(), EventError> {
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        let event = Event { wall_time, step, what: Some(what) };
        Ok(self.file.write_all(&frame(&event.encode_to_vec()))?)
    }
}

#[cfg(test)]
mod tests;
