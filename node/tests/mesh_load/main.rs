//! Private networks of many nodes, in several processes: how fast members are found, and what is left of that when many
//! die, the founder is gone, or somebody is expelled.
//!
//! Facts and shares are asserted; times are printed, with `--nocapture`. `AIRWAY_TEST_SIZE=full` has 50 nodes and 200
//! clients of 20 servers in place of a dozen.

mod agent;
mod churn;
mod expulsion;
mod figures;
mod founder;
mod growth;
mod lookups;
mod mesh;
mod process;
#[path = "../common/size.rs"]
mod size;
mod wire;
mod worker;
