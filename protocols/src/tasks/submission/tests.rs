use proptest::prelude::*;

use super::*;
use crate::{data::MessageId, files, tasks::Attachment};

fn submission(description: &str) -> Submission {
    Submission {
        description: description.into(),
        input: None,
        limit: MIN_LIMIT,
        execution: Execution::default(),
        max_reward: 10,
        supersedes: None,
        at: 0,
    }
}

proptest! {
    #[test]
    fn bodies_round_trip(
        description in "\\PC{1,99}", data in prop::option::of(any::<Vec<u8>>()), once: bool, max_reward: u64, at: u64,
    ) {
        let execution = if once { Execution::AtMostOnce } else { Execution::AtLeastOnce };
        let input = data.map(|data| Content::Inline { data });
        let submission = Submission { input, execution, max_reward, at, ..submission(&description) };
        let body = Body::of(&submission).unwrap();
        let again = Body::from_bytes(body.as_bytes().to_vec()).unwrap();
        prop_assert_eq!(again.submission(), &submission);
        prop_assert_eq!(again.digest(), body.digest());
    }

    #[test]
    fn any_bytes_are_a_body_or_none(bytes in prop::collection::vec(any::<u8>(), 0..99)) {
        let _ = Body::from_bytes(bytes);
    }
}

#[test]
fn each_rule_has_its_own_error() {
    let invalid = |submission: Submission| submission.validate().unwrap_err();
    assert_eq!(invalid(submission("")), Invalid::Description { size: 0 });
    let size = MAX_DESCRIPTION + 1;
    assert_eq!(invalid(submission(&"x".repeat(size))), Invalid::Description { size });
    for limit in [0, MIN_LIMIT - 1, MAX_LIMIT + 1, u64::MAX] {
        assert_eq!(invalid(Submission { limit, ..submission("x") }), Invalid::Limit { limit });
    }
    let input = Some(Content::Inline { data: vec![0; super::super::MAX_INLINE + 1] });
    assert!(matches!(invalid(Submission { input, ..submission("x") }), Invalid::Inline { .. }));
}

#[test]
fn the_largest_task_is_below_its_cap() {
    let input = Some(Content::Inline { data: vec![0; super::super::MAX_INLINE] });
    let description = "x".repeat(MAX_DESCRIPTION);
    let rest = submission("");
    let largest = Submission {
        description,
        input,
        limit: MAX_LIMIT,
        max_reward: u64::MAX,
        supersedes: Some(TaskId::new()),
        at: u64::MAX,
        ..rest
    };
    let body = Body::of(&largest).unwrap();
    assert!(body.as_bytes().len() < 82_200, "{}", body.as_bytes().len());
    assert!(matches!(Body::from_bytes(vec![0; MAX_BODY + 1]), Err(BodyError::TooLarge { .. })));
}

#[test]
fn the_bytes_are_hashed_as_they_came() {
    let file =
        Attachment { id: MessageId::new(), name: "a".into(), size: 1, digest: files::Digest::of(b"a") };
    let body = Body::of(&Submission { input: Some(Content::File(file)), ..submission("x") }).unwrap();
    // A later version may say more: it is another task to whoever compares.
    let mut more = body.as_bytes().to_vec();
    more[0] += 1;
    more.extend_from_slice(b"\x63new\x01");
    let more = Body::from_bytes(more).unwrap();
    assert_eq!(more.submission(), body.submission());
    assert_ne!(more.digest(), body.digest());
}
