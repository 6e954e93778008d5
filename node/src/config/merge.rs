//! The merge itself: what each source says of a setting, and who has the last word.

use std::collections::BTreeMap;

use super::{
    error::{Error, Place},
    layer::{Field, Layer},
    setting::Origin,
    value::Bad,
};

/// The merge under way: what the sources said, and who has won so far.
pub(super) struct Merge {
    /// In ascending order of precedence.
    layers: [(Origin, Layer); 3],
    pub(super) origins: BTreeMap<&'static str, Origin>,
    /// Where the last word on a setting stands.
    places: BTreeMap<&'static str, Place>,
}

impl Merge {
    pub(super) fn new(layers: [(Origin, Layer); 3]) -> Self {
        Self { layers, origins: BTreeMap::new(), places: BTreeMap::new() }
    }

    /// Settles a setting that is on or off.
    pub(super) fn switch(
        &mut self,
        key: &'static str,
        field: impl Fn(&mut Layer) -> &mut Option<Field<bool>>,
    ) -> Result<bool, Error> {
        self.pick(key, field, Ok, || false)
    }

    /// Settles one setting: every layer that has the `field` is checked by `parse`, and the last one counts.
    pub(super) fn pick<R, T>(
        &mut self,
        key: &'static str,
        field: impl Fn(&mut Layer) -> &mut Option<Field<R>>,
        parse: impl Fn(R) -> Result<T, Bad>,
        default: impl FnOnce() -> T,
    ) -> Result<T, Error> {
        let mut winner = None;
        for (origin, layer) in &mut self.layers {
            if let Some(Field { raw, place }) = field(layer).take() {
                let value = parse(raw).map_err(|bad| Error::invalid(key, place.clone(), bad))?;
                winner = Some(value);
                self.origins.insert(key, *origin);
                self.places.insert(key, place);
            }
        }
        Ok(winner.unwrap_or_else(default))
    }

    /// Refuses a setting that does not go together with another one.
    pub(super) fn contrary(
        &self,
        key: &'static str,
        other: &'static str,
        hint: &'static str,
    ) -> Result<(), Error> {
        // Where it stands on neither side, both are defaults, which do go together.
        match self.places.get(key).or_else(|| self.places.get(other)).cloned() {
            Some(place) => Err(Error::Contrary { key, place, other, hint }),
            None => Ok(()),
        }
    }

    /// Refuses a setting that means nothing without another one.
    pub(super) fn alone(
        &self,
        key: &'static str,
        other: &'static str,
        hint: &'static str,
    ) -> Result<(), Error> {
        match self.places.get(key).cloned() {
            Some(place) => Err(Error::Alone { key, place, other, hint }),
            None => Ok(()),
        }
    }
}
