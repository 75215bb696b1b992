//! Where everything of a picture stands, in units of a field of a given width. No view in here, so it can be tested.

use model::{Topology, health::HealthState};

use super::{Picture, PictureLink, PictureNode};

/// Most boxes in one row or column; what is beyond them becomes "+ n".
const MOST: usize = 4;
const ENTRY_HEIGHT: f32 = 28.0;

/// A rectangle.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

impl Field {
    fn middle_x(&self) -> f32 {
        self.x + self.width / 2.0
    }

    fn middle_y(&self) -> f32 {
        self.y + self.height / 2.0
    }
}

/// A node, or the rest of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NodeBox {
    pub(super) field: Field,
    pub(super) name: String,
    pub(super) line: String,
    pub(super) title: String,
    pub(super) state: Option<HealthState>,
    /// The name's base line, below the top of the field.
    pub(super) name_y: f32,
}

/// A link.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arrow {
    pub(super) path: String,
    pub(super) head: String,
    pub(super) middle: (f32, f32),
    pub(super) state: HealthState,
    pub(super) label: Option<(String, f32, f32)>,
    pub(super) title: String,
    pub(super) href: Option<String>,
}

/// Everything with its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Drawing {
    pub(super) height: f32,
    pub(super) entry: Option<Field>,
    pub(super) lines: Vec<String>,
    pub(super) nodes: Vec<NodeBox>,
    pub(super) arrows: Vec<Arrow>,
    pub(super) shared: Option<Field>,
}

impl Drawing {
    pub(super) fn of(picture: &Picture, width: f32) -> Self {
        match picture.topology {
            Topology::DualMaster => dual_master(picture, width),
            Topology::SharedStorage => shared_storage(picture, width),
            Topology::OneToMany | Topology::Tiered => tree(picture, width),
        }
    }
}

fn entry_field(picture: &Picture, middle: f32, whole: f32) -> Option<Field> {
    let (name, _) = picture.entry.as_ref()?;
    let width = (text_width(name, 12.0) + 40.0).clamp(80.0, whole * 0.65);
    let x = (middle - width / 2.0).clamp(0.0, whole - width);
    Some(Field { x, y: 0.0, width, height: ENTRY_HEIGHT })
}

fn top(picture: &Picture) -> f32 {
    if picture.entry.is_some() { ENTRY_HEIGHT + 36.0 } else { 0.0 }
}

/// From the entry's foot to a node's head.
fn hang(from: (f32, f32), to: (f32, f32)) -> String {
    let ((x1, y1), (x2, y2)) = (from, to);
    let half = (y1 + y2) / 2.0;
    if (x1 - x2).abs() < 1.0 {
        return format!("M{x1} {y1}V{y2}");
    }
    format!("M{x1} {y1}C{x1} {} {x2} {} {x2} {y2}", half + 4.0, half - 4.0)
}

fn node_box(node: &PictureNode, field: Field) -> NodeBox {
    let with_line = field.height > 44.0;
    NodeBox {
        name_y: if with_line { 22.0 } else { field.height / 2.0 + 4.5 },
        line: if with_line { node.line.clone() } else { String::new() },
        title: if node.line.is_empty() {
            node.name.clone()
        } else {
            format!("{} · {}", node.name, node.line)
        },
        name: node.name.clone(),
        state: node.state,
        field,
    }
}

/// What is beyond the drawn ones: how many, their names on hover, the worst of their states.
fn rest_box(nodes: &[&PictureNode], field: Field) -> NodeBox {
    NodeBox {
        name_y: field.height / 2.0 + 4.5,
        name: format!("+ {}", nodes.len()),
        line: String::new(),
        title: nodes.iter().map(|n| n.name.as_str()).collect::<Vec<_>>().join(", "),
        state: nodes.iter().filter_map(|n| n.state).min_by_key(|s| s.rank()),
        field,
    }
}

/// Whether any node has something to say below its name.
fn has_lines(picture: &Picture) -> bool {
    picture.nodes.iter().any(|n| !n.line.is_empty())
}

fn dual_master(picture: &Picture, whole: f32) -> Drawing {
    let width = (whole * 0.345).max(92.0);
    let (height, y) = (if has_lines(picture) { 58.0 } else { 44.0 }, top(picture));
    let fields = [Field { x: 0.0, y, width, height }, Field { x: whole - width, y, width, height }];
    let entry = entry_field(picture, whole / 2.0, whole);
    let foot = (whole / 2.0, ENTRY_HEIGHT);
    let lines = entry.iter().flat_map(|_| fields.iter().map(|f| hang(foot, (f.middle_x(), f.y)))).collect();
    let nodes = picture.nodes.iter().zip(fields).map(|(n, f)| node_box(n, f)).collect();
    let (left, right) = (width + 6.0, whole - width - 6.0);
    let arrows = picture
        .links
        .iter()
        .map(|link| {
            let forth = link.source == 0;
            let at = y + height / 2.0 + if forth { -8.5 } else { 10.5 };
            let (path, head) = if forth {
                (format!("M{left} {at}H{}", right - 6.0), format!("M{right} {at}l-7 -4v8z"))
            } else {
                (format!("M{right} {at}H{}", left + 6.0), format!("M{left} {at}l7 -4v8z"))
            };
            let words = fit(&link.label, right - left, 10.5);
            Arrow {
                path,
                head,
                middle: (whole / 2.0, at),
                state: link.state,
                label: (!words.is_empty())
                    .then(|| (words, whole / 2.0, if forth { at - 7.0 } else { at + 15.0 })),
                title: link_title(picture, link),
                href: link.href.clone(),
            }
        })
        .collect();
    Drawing { height: y + height, entry, lines, nodes, arrows, shared: None }
}

fn link_title(picture: &Picture, link: &PictureLink) -> String {
    let name = |i: usize| picture.nodes.get(i).map(|n| n.name.as_str()).unwrap_or_default();
    let ends = format!("{} → {}", name(link.source), name(link.destination));
    if link.label.is_empty() { ends } else { format!("{ends}: {}", link.label) }
}

fn shared_storage(picture: &Picture, whole: f32) -> Drawing {
    let y = top(picture);
    let all = picture.nodes.len();
    let drawn = if all > MOST { MOST - 1 } else { all };
    let slots = all.clamp(1, MOST) as f32;
    let gap = if whole < 300.0 { 8.0 } else { 14.0 };
    let width = ((whole - gap * (slots - 1.0)) / slots).min(160.0);
    let (height, row) = (if has_lines(picture) { 52.0 } else { 34.0 }, width * slots + gap * (slots - 1.0));
    let left = (whole - row) / 2.0;
    let field = |i: usize| Field { x: left + i as f32 * (width + gap), y, width, height };
    let mut nodes: Vec<NodeBox> =
        picture.nodes.iter().take(drawn).enumerate().map(|(i, n)| node_box(n, field(i))).collect();
    if all > drawn {
        nodes.push(rest_box(&picture.nodes.iter().skip(drawn).collect::<Vec<_>>(), field(drawn)));
    }
    let entry = entry_field(picture, whole / 2.0, whole);
    let foot = (whole / 2.0, ENTRY_HEIGHT);
    let store_y = y + height + 24.0;
    let hangs = entry.iter().flat_map(|_| nodes.iter().map(|n| hang(foot, (n.field.middle_x(), n.field.y))));
    let legs = nodes.iter().map(|n| format!("M{} {}V{store_y}", n.field.middle_x(), y + height));
    let lines = hangs.chain(legs).collect();
    let shared = Field { x: left, y: store_y, width: row, height: 28.0 };
    Drawing { height: store_y + 28.0, entry, lines, nodes, arrows: Vec::new(), shared: Some(shared) }
}

/// Columns by distance from the first node.
fn tree(picture: &Picture, whole: f32) -> Drawing {
    let depth: Vec<usize> = (0..picture.nodes.len()).map(|i| depth_of(picture, i)).collect();
    let gap = if whole < 300.0 { 26.0 } else { 44.0 };
    let columns = depth.iter().max().map_or(1, |d| d + 1);
    let height = 36.0;
    let pitch = height + 7.0;
    let width = ((whole - gap * (columns as f32 - 1.0)) / columns as f32).clamp(40.0, whole * 0.305);
    let step = if columns > 1 { (whole - width) / (columns as f32 - 1.0) } else { 0.0 };
    let members: Vec<Vec<usize>> =
        (0..columns).map(|c| (0..picture.nodes.len()).filter(|i| depth[*i] == c).collect()).collect();
    let rows = members.iter().map(|m| m.len().min(MOST)).max().unwrap_or(1).max(1);
    let inner = rows as f32 * pitch - 7.0;
    let y = if picture.entry.is_some() { ENTRY_HEIGHT + 22.0 } else { 0.0 };
    let mut nodes = Vec::new();
    let mut place: Vec<Option<Field>> = vec![None; picture.nodes.len()];
    for (c, column) in members.iter().enumerate() {
        let shown = if column.len() > MOST { MOST - 1 } else { column.len() };
        let boxes = column.len().min(MOST);
        let start = y + (inner - (boxes as f32 * pitch - 7.0)) / 2.0;
        let field = |row: usize| Field { x: c as f32 * step, y: start + row as f32 * pitch, width, height };
        for (row, i) in column.iter().enumerate() {
            place[*i] = Some(field(row.min(boxes - 1)));
            if row < shown {
                nodes.push(node_box(&picture.nodes[*i], field(row)));
            }
        }
        if column.len() > shown {
            let rest: Vec<_> = column.iter().skip(shown).map(|i| &picture.nodes[*i]).collect();
            nodes.push(rest_box(&rest, field(shown)));
        }
    }
    let mut arrows: Vec<Arrow> = Vec::new();
    for link in &picture.links {
        let (Some(Some(from)), Some(Some(to))) = (place.get(link.source), place.get(link.destination)) else {
            continue;
        };
        let arrow = branch(from, to, link, link_title(picture, link));
        // Links to the same box (the rest) are one; the worst of them is what is seen.
        match arrows.iter_mut().find(|a| a.path == arrow.path) {
            Some(drawn) if drawn.state.rank() <= arrow.state.rank() => {}
            Some(drawn) => *drawn = arrow,
            None => arrows.push(arrow),
        }
    }
    let first = nodes.first().map_or(0.0, |n| n.field.middle_x());
    let entry = entry_field(picture, first, whole);
    let lines = match (&entry, nodes.first()) {
        (Some(entry), Some(node)) => {
            vec![hang((node.field.middle_x(), entry.height), (node.field.middle_x(), node.field.y))]
        }
        _ => Vec::new(),
    };
    Drawing { height: y + inner, entry, lines, nodes, arrows, shared: None }
}

fn branch(from: &Field, to: &Field, link: &PictureLink, title: String) -> Arrow {
    let (x1, y1) = (from.x + from.width + 3.0, from.middle_y());
    let (x2, y2) = (to.x - 4.0, to.middle_y());
    let half = (x1 + x2) / 2.0;
    let path = if (y1 - y2).abs() < 1.0 {
        format!("M{x1} {y1}H{}", x2 - 5.0)
    } else {
        format!("M{x1} {y1}C{half} {y1} {half} {y2} {} {y2}", x2 - 5.0)
    };
    Arrow {
        path,
        head: format!("M{x2} {y2}l-7 -4v8z"),
        middle: (half, (y1 + y2) / 2.0),
        state: link.state,
        label: None,
        title,
        href: link.href.clone(),
    }
}

fn depth_of(picture: &Picture, i: usize) -> usize {
    let mut at = i;
    let mut depth = 0;
    // A way up longer than the number of nodes goes round; the wizard says so, the picture just ends it.
    while at != 0 && depth < picture.nodes.len() {
        at = match picture.topology {
            Topology::Tiered => picture.nodes[at].upstream.filter(|u| *u < picture.nodes.len()).unwrap_or(0),
            _ => 0,
        };
        depth += 1;
    }
    depth
}

/// Width of a text, roughly: a CJK character is a square, others a little over half of one.
fn text_width(text: &str, size: f32) -> f32 {
    text.chars().map(|c| if c as u32 >= 0x2e80 { 1.0 } else { 0.57 }).sum::<f32>() * size
}

/// As much of a text as fits, with an ellipsis where it does not.
pub(super) fn fit(text: &str, width: f32, size: f32) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if text_width(&out, size) > width - size * 0.8 {
            out.pop();
            break;
        }
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: f32 = 400.0;

    fn picture(topology: Topology, upstreams: &[Option<usize>]) -> Picture {
        let nodes = upstreams
            .iter()
            .enumerate()
            .map(|(i, up)| PictureNode {
                name: format!("n{i}"),
                line: "2.15.2".into(),
                state: Some(HealthState::Up),
                upstream: *up,
            })
            .collect::<Vec<_>>();
        let links = (1..nodes.len())
            .map(|i| PictureLink {
                source: upstreams[i].unwrap_or(0),
                destination: i,
                state: if i == 7 { HealthState::Down } else { HealthState::Up },
                label: String::new(),
                href: Some(format!("/{i}")),
            })
            .collect();
        Picture {
            topology,
            entry: Some(("hub.test".into(), HealthState::Up)),
            nodes,
            links,
            shared: "S3".into(),
        }
    }

    #[test]
    fn fifty_nodes_become_four_boxes_and_keep_the_worst_state() {
        let drawing = Drawing::of(&picture(Topology::OneToMany, &[None; 50]), WIDTH);
        assert_eq!(drawing.nodes.len(), 5);
        assert_eq!(drawing.nodes[4].name, "+ 46");
        assert_eq!(drawing.arrows.len(), 4);
        assert_eq!(drawing.arrows[3].state, HealthState::Down);
        // What the rest leads to is the worst of them.
        let leads: Vec<_> = drawing.arrows.iter().filter_map(|a| a.href.as_deref()).collect();
        assert_eq!(leads, ["/1", "/2", "/3", "/7"]);
    }

    #[test]
    fn nothing_leaves_the_field() {
        for topology in Topology::ALL {
            for count in [1, 2, 3, 4, 5, 50] {
                let drawing = Drawing::of(&picture(topology, &vec![None; count]), WIDTH);
                for node in &drawing.nodes {
                    assert!(node.field.x >= 0.0 && node.field.x + node.field.width <= WIDTH + 0.1);
                    assert!(node.field.y + node.field.height <= drawing.height + 0.1, "{topology} {count}");
                }
            }
        }
    }

    #[test]
    fn tiers_that_go_round_still_end() {
        let drawing = Drawing::of(&picture(Topology::Tiered, &[None, Some(2), Some(1)]), WIDTH);
        assert_eq!(drawing.nodes.len(), 3);
    }

    #[test]
    fn fit_counts_chinese_as_squares() {
        assert_eq!(fit("shanghai", 80.0, 12.0), "shanghai");
        assert_eq!(fit("上海浦东数据中心", 60.0, 12.0), "上海浦东…");
    }
}
