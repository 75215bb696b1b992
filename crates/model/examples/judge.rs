//! How fast repositories are judged: a million tags that are alike on both sides, and one in a hundred more that is
//! not, judged against the base that the comparison before would have kept. `make bench` runs it.
#![expect(clippy::print_stdout, reason = "a measuring program prints what it measured")]

use std::{hint::black_box, time::Instant};

use model::{
    Digest,
    drift::{Act, Artifact, Author, Base, BaseTag, Deed, Direction, Holding, Question, Tag, judge},
};

const REPOSITORIES: u64 = 1_000;
const TAGS: u64 = 1_000;
/// One tag in so many more stands for something else on each side.
const DIFFERS: u64 = 100;
const TURNS: usize = 7;
const NOW_MS: i64 = 1_800_000_000_000;

/// A repository: what each side holds, and what both held before.
struct Repository {
    sides: [Holding; 2],
    base: Base,
}

fn main() {
    let all: Vec<Repository> = (0..REPOSITORIES).map(repository).collect();
    let told = [Act {
        row: 1,
        at_ms: NOW_MS - 1_000,
        by: "robot$ci".to_owned(),
        author: Author::Person,
        deed: Deed::Push,
        tag: Some(name(7)),
        digest: None,
    }];
    // A repository that an audit log names is judged more slowly, tag by tag.
    for (what, acts) in [("quiet", &told[..0]), ("named", &told[..])] {
        let mut seconds: Vec<f64> = (0..TURNS).map(|_| turn(&all, acts)).collect();
        seconds.sort_by(f64::total_cmp);
        let median = seconds[TURNS / 2];
        println!("{what} {:.1} million/s", ((TAGS + TAGS / DIFFERS) * REPOSITORIES) as f64 / median / 1e6);
    }
}

/// Judges everything once; gives the seconds it took.
fn turn(all: &[Repository], acts: &[Act]) -> f64 {
    let began = Instant::now();
    let (mut compared, mut differ) = (0, 0);
    for Repository { sides, base } in all {
        let verdict = judge(&Question {
            direction: Direction::Both,
            history: true,
            base,
            sides: [&sides[0], &sides[1]],
            acts: [acts, &[]],
            clock_error_ms: 3_000,
            heard_ms: NOW_MS,
            began_ms: [NOW_MS; 2],
        });
        compared += verdict.compared;
        differ += verdict.differences.len() as u64;
        black_box(verdict);
    }
    let took = began.elapsed().as_secs_f64();
    assert_eq!(compared, (TAGS + TAGS / DIFFERS) * REPOSITORIES);
    assert_eq!(differ, TAGS / DIFFERS * REPOSITORIES);
    took
}

fn repository(at: u64) -> Repository {
    let alike = (0..TAGS).map(|n| (n, [digest(at, n, 0); 2]));
    let differing = (TAGS..TAGS + TAGS / DIFFERS).map(|n| (n, [digest(at, n, 1), digest(at, n, 2)]));
    let tags: Vec<(u64, [Digest; 2])> = alike.chain(differing).collect();
    let sides = [0, 1].map(|side| {
        let tag = |(n, held): &(u64, [Digest; 2])| Tag {
            name: name(*n).into(),
            digest: held[side],
            pushed_ms: NOW_MS - 86_400_000,
        };
        let artifact = |(_, held): &(u64, [Digest; 2])| Artifact {
            digest: held[side],
            size: 50_000_000,
            pushed_ms: NOW_MS - 86_400_000,
            part: false,
            lacks: 0,
            accessories: Vec::new(),
        };
        Holding::new(tags.iter().map(tag).collect(), tags.iter().map(artifact).collect())
    });
    let base = tags.iter().map(|(n, held)| BaseTag { name: name(*n).into(), digest: held[0], since_s: 1 });
    let mut base: Vec<BaseTag> = base.collect();
    base.sort_by(|a, b| a.name.cmp(&b.name));
    Repository { sides, base: Base { tags: base, untagged: Vec::new() } }
}

/// As a build names its images.
fn name(n: u64) -> String {
    format!("v1.{}.{}-b{n:05}", n / 100, n % 100)
}

/// Numbers spread over 32 bytes, as a hash is.
fn digest(a: u64, b: u64, c: u64) -> Digest {
    let mut bytes = [0; 32];
    let mut z = a << 40 | b << 8 | c;
    for part in bytes.chunks_exact_mut(8) {
        z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        part.copy_from_slice(&(word ^ (word >> 31)).to_be_bytes());
    }
    Digest::from_bytes(bytes)
}
