use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::events::{MAX_PATTERN, MAX_SUBSCRIBED, MAX_TOPIC};

/// Words of which patterns and topics have many in common.
const WORDS: [&str; 5] = ["a", "b", "ab", "ä", " "];

/// What a pattern means, as the document says it: nothing remembered.
fn means(pattern: &[&str], topic: &[&str]) -> bool {
    match (pattern, topic) {
        (["*"] | ["**"], _) => true,
        _ => fits(pattern, topic),
    }
}

fn fits(pattern: &[&str], topic: &[&str]) -> bool {
    match (pattern, topic) {
        ([], []) => true,
        (["**"], [_, ..]) => true,
        (["*", pattern @ ..], [_, topic @ ..]) => fits(pattern, topic),
        ([word, pattern @ ..], [segment, topic @ ..]) => word == segment && fits(pattern, topic),
        _ => false,
    }
}

fn topics() -> impl Strategy<Value = Topic> {
    vec(select(&WORDS), 1..8).prop_map(|segments| segments.join("/").parse().unwrap())
}

fn patterns() -> impl Strategy<Value = Pattern> {
    let segments = vec(prop_oneof![3 => select(&WORDS), 2 => Just("*")], 0..7);
    let parsed = |(mut segments, rest): (Vec<&str>, bool)| {
        if rest || segments.is_empty() {
            segments.push("**");
        }
        segments.join("/").parse().unwrap()
    };
    (segments, any::<bool>()).prop_map(parsed)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn they_match_what_one_of_them_means(patterns in vec(patterns(), 0..40), topics in vec(topics(), 1..20)) {
        let all: Patterns = patterns.iter().collect();
        prop_assert_eq!(all.is_empty(), patterns.is_empty());
        for topic in topics {
            let segments: Vec<_> = topic.segments().collect();
            let mut any = false;
            for pattern in &patterns {
                let meant = means(&pattern.segments().collect::<Vec<_>>(), &segments);
                prop_assert_eq!(pattern.matches(&topic), meant, "{} and {}", pattern, topic);
                any |= meant;
            }
            prop_assert_eq!(all.matches(&topic), any, "{}", topic);
        }
    }

    #[test]
    fn a_topic_matches_itself_and_what_it_is_made_into(topic in topics(), at: prop::sample::Index) {
        let segments: Vec<_> = topic.segments().collect();
        let at = at.index(segments.len());
        let mut starred = segments.clone();
        starred[at] = "*";
        for text in [segments.join("/"), starred.join("/"), [&segments[..at], &["**"]].concat().join("/")] {
            let pattern: Pattern = text.parse().unwrap();
            prop_assert!(pattern.matches(&topic) && Patterns::from_iter([pattern]).matches(&topic), "{}", text);
        }
    }

    #[test]
    fn any_text_is_a_pattern_or_is_not(text in "[a*/\\PC]{0,12}", topic in topics()) {
        if let Ok(pattern) = text.parse::<Pattern>() {
            prop_assert_eq!(Patterns::from_iter([&pattern]).matches(&topic), pattern.matches(&topic));
        }
        // A pattern without an asterisk is a topic, and the reverse.
        prop_assert!(text.contains('*') || text.parse::<Pattern>().is_ok() == text.parse::<Topic>().is_ok());
    }
}

#[test]
fn asterisks_mean_what_they_say() {
    let cases = [
        ("*", "a", true),
        ("*", "a/b", true),
        ("**", "a/b", true),
        ("a/*", "a", false),
        ("a/*", "a/b", true),
        ("a/*", "a/b/c", false),
        ("*/b", "a/b", true),
        ("*/*", "a", false),
        ("a/**", "a", false),
        ("a/**", "a/b", true),
        ("a/**", "a/b/c", true),
        ("a/*/**", "a/b", false),
        ("a", "A", false),
        ("ä", "a\u{308}", false),
    ];
    for (pattern, topic, matches) in cases {
        let (pattern, topic): (Pattern, Topic) = (pattern.parse().unwrap(), topic.parse().unwrap());
        assert_eq!(pattern.matches(&topic), matches, "{pattern} and {topic}");
        assert_eq!(Patterns::from_iter([pattern]).matches(&topic), matches, "{topic}");
    }
}

/// As many asterisks as a subscription can have: every way through them would be 2³² and more.
#[test]
fn huge_patterns_are_matched_at_once() {
    let depth = MAX_PATTERN / 2;
    let pattern = |number: usize| {
        let segments: Vec<_> =
            (0..depth).map(|at| if at < 5 && number >> at & 1 == 1 { "a" } else { "*" }).collect();
        segments.join("/").parse::<Pattern>().unwrap()
    };
    let all: Patterns = (0..MAX_SUBSCRIBED).map(pattern).collect();
    let longest: Topic = vec!["a"; MAX_TOPIC / 2].join("/").parse().unwrap();
    let other: Topic = vec!["a"; MAX_TOPIC / 2 - 1].join("/").parse().unwrap();
    for _ in 0..1_000 {
        assert!(all.matches(&longest) && !all.matches(&other));
    }
}

/// The patterns of a subscription come from a peer, who may have many of them.
#[test]
fn huge_patterns_take_no_more_memory_than_their_texts() {
    let rest = ["a"; (MAX_PATTERN - 2) / 2].join("/");
    let pattern = |number: usize| format!("{number:02}/{rest}").parse::<Pattern>().unwrap();
    let all: Patterns = (0..MAX_SUBSCRIBED).map(pattern).collect();
    let texts: usize = all.0.iter().map(|pattern| pattern.as_str().len()).sum();
    assert!(size_of_val(&*all.0) <= 24 * MAX_SUBSCRIBED);
    assert!(texts <= MAX_SUBSCRIBED * MAX_PATTERN);
    assert_eq!(all, all.0.iter().rev().chain(&all.0).collect());
}

#[test]
fn no_pattern_matches_nothing() {
    let none = Patterns::default();
    assert!(none.is_empty() && !none.matches(&"a".parse().unwrap()));
    assert!(!Patterns::from_iter([Pattern::any()]).is_empty());
}
