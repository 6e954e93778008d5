//! Tasks between real nodes: their lives, in which order they are done, who may say what about them, and what time does.

#[path = "common/mod.rs"]
mod common;

mod tasks {
    mod cancelled;
    mod life;
    mod refused;
    #[path = "../tasks_delivery/stage.rs"]
    #[allow(dead_code, reason = "helpers of another test, which uses all of them")]
    mod stage;
    mod time;
}
