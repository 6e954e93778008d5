use serde_json::json;

use super::*;

/// The value shown for a setting.
fn shown(config: &Config, key: &str) -> serde_json::Value {
    config.settings().into_iter().find(|setting| setting.key == key).unwrap().value
}

#[test]
fn tasks_are_accepted_by_hand_of_whoever_has_a_score_and_no_receipts_are_shown() {
    let config = from_file("").unwrap();
    assert_eq!(config.tasks, Tasks { accept: Accept::Manual, policy: Policy::Score, threshold_milli: 0 });
    assert!(!config.polo.share);
    assert_eq!(config.limits.tasks_bytes, 256 << 20);
    assert_eq!(shown(&config, "tasks.accept"), "manual");
    assert_eq!(shown(&config, "tasks.policy"), "score");
    assert_eq!((shown(&config, "tasks.threshold"), shown(&config, "polo.share")), (json!(0), json!(false)));
}

#[test]
fn settings_of_tasks_and_polo_are_read() {
    let text = "[tasks]\naccept = 'auto'\nthreshold = 2.5\n[polo]\nshare = true\n[limits]\ntasks_bytes = 7";
    let config = from_file(text).unwrap();
    assert_eq!((config.tasks.accept, config.tasks.threshold_milli), (Accept::Auto, 2_500));
    assert_eq!((config.polo.share, config.limits.tasks_bytes), (true, 7));
    assert_eq!(shown(&config, "tasks.threshold"), json!(2.5));

    let flags = Overrides { tasks_policy: Some("open".into()), ..Overrides::default() };
    let config = load("tasks.policy = 'pilot'\ntasks.threshold = 0", &[], flags).unwrap();
    assert_eq!((config.tasks.policy, shown(&config, "tasks.policy")), (Policy::Open, json!("open")));
    let whole = from_file("tasks.threshold = 3").unwrap();
    assert_eq!((whole.tasks.threshold_milli, shown(&whole, "tasks.threshold")), (3_000, json!(3)));
}

#[test]
fn bad_settings_of_tasks_are_refused() {
    for bad in [
        "accept = 'always'",
        "policy = 'nobody'",
        "threshold = -1",
        "threshold = nan",
        "threshold = inf",
        "threshold = 1e9",
    ] {
        let error = from_file(&format!("[tasks]\n{bad}")).unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{bad}: {error}");
    }
    assert!(from_file("[limits]\ntasks_bytes = 0").is_err());
    let error = from_file("[tasks]\npolicy = 'open'\nthreshold = 1").unwrap_err();
    assert!(error.to_string().contains("does not go together with tasks.policy"), "{error}");
}
