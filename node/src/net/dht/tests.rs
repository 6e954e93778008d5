//! Networks of one process that find things by each other.

mod lies;
mod lobby;
mod people;
mod runs;
mod store;
