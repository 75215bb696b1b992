//! The picture that chats and forums show beside a link: the state and ninety days, drawn without a text, since what a
//! page says stands beside the picture anyway.

use model::health::HealthState;
use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};

use crate::view::{Bars, View};

const WIDTH: u32 = 1200;
const HEIGHT: u32 = 630;

/// A PNG of 1200 × 630; `None` where it cannot be drawn.
pub(crate) fn picture(view: &View) -> Option<Vec<u8>> {
    let mut picture = Pixmap::new(WIDTH, HEIGHT)?;
    picture.fill(Color::from_rgba8(247, 249, 251, 255));
    let (middle, at) = (WIDTH as f32 / 2.0, 230.0);
    let state = colour(view.state);
    fill(&mut picture, &PathBuilder::from_circle(middle, at, 120.0)?, state);
    stroke(&mut picture, &sign(view.state, middle, at)?, Color::WHITE, 26.0);
    if let Some(bars) = worst(view) {
        draw(&mut picture, bars)?;
    }
    fill(&mut picture, &PathBuilder::from_rect(Rect::from_xywh(0.0, 618.0, WIDTH as f32, 12.0)?), state);
    picture.encode_png().ok()
}

/// The bars of the line with the least share.
fn worst(view: &View) -> Option<&Bars> {
    let all = view.clusters.iter().flat_map(|c| c.rows.iter().take(2)).filter_map(|row| row.bars.as_ref());
    all.min_by(|a, b| a.uptime.unwrap_or(1.0).total_cmp(&b.uptime.unwrap_or(1.0)))
}

fn draw(picture: &mut Pixmap, bars: &Bars) -> Option<()> {
    const TOP: f32 = 440.0;
    const TALL: f32 = 100.0;
    let step = 1040.0 / bars.days.len().max(1) as f32;
    for (n, day) in bars.days.iter().enumerate() {
        let x = 80.0 + n as f32 * step;
        let mut part = |share: f32, bottom: f32, colour: Color| {
            if share > 0.0
                && let Some(rect) =
                    Rect::from_xywh(x, TOP + TALL * (1.0 - bottom - share), step * 0.75, TALL * share)
            {
                fill(picture, &PathBuilder::from_rect(rect), colour);
            }
        };
        let looked = day.share.up + day.share.degraded + day.share.down;
        part(1.0 - looked.min(1.0), looked.min(1.0), Color::from_rgba8(226, 231, 236, 255));
        part(day.share.up, day.share.down + day.share.degraded, Color::from_rgba8(60, 148, 110, 255));
        part(day.share.degraded, day.share.down, colour(HealthState::Degraded));
        part(day.share.down, 0.0, colour(HealthState::Down));
    }
    Some(())
}

fn sign(state: HealthState, x: f32, y: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    match state {
        HealthState::Up => {
            path.move_to(x - 55.0, y + 4.0);
            path.line_to(x - 16.0, y + 44.0);
            path.line_to(x + 56.0, y - 42.0);
        }
        HealthState::Down | HealthState::Unreachable => {
            path.move_to(x - 46.0, y - 46.0);
            path.line_to(x + 46.0, y + 46.0);
            path.move_to(x + 46.0, y - 46.0);
            path.line_to(x - 46.0, y + 46.0);
        }
        HealthState::Degraded => {
            path.move_to(x, y - 60.0);
            path.line_to(x, y + 16.0);
            path.move_to(x, y + 55.0);
            path.line_to(x, y + 58.0);
        }
        HealthState::Unknown => {
            path.move_to(x - 50.0, y);
            path.line_to(x + 50.0, y);
        }
    }
    path.finish()
}

fn colour(state: HealthState) -> Color {
    match state {
        HealthState::Up => Color::from_rgba8(30, 122, 84, 255),
        HealthState::Degraded => Color::from_rgba8(201, 128, 12, 255),
        HealthState::Down | HealthState::Unreachable => Color::from_rgba8(197, 41, 46, 255),
        HealthState::Unknown => Color::from_rgba8(107, 118, 130, 255),
    }
}

fn fill(picture: &mut Pixmap, path: &Path, colour: Color) {
    picture.fill_path(path, &paint(colour), FillRule::Winding, Transform::identity(), None);
}

fn stroke(picture: &mut Pixmap, path: &Path, colour: Color, width: f32) {
    let stroke = Stroke { width, line_cap: tiny_skia::LineCap::Round, ..Stroke::default() };
    picture.stroke_path(path, &paint(colour), &stroke, Transform::identity(), None);
}

fn paint(colour: Color) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(colour);
    paint
}
