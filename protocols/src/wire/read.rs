//! Decoding of bytes that the [scan](super::scan) has passed, with one form for each type.
//!
//! Other CBOR readers take more: a list of numbers or a text for bytes, bytes for a text, a list for a struct or an enum.
//! An object that one implementation takes and another refuses would divide those who have to agree on it.

use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde_cbor::Error;

/// The major types of CBOR that have a form of their own here.
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const SIMPLE: u8 = 7;

/// The items false, true and null.
const FALSE: u8 = 0xF4;
const TRUE: u8 = 0xF5;
const NULL: u8 = 0xF6;

/// Reads one item after another.
pub(super) struct Reader<'de> {
    rest: &'de [u8],
}

impl<'de> Reader<'de> {
    /// A reader of bytes that were scanned.
    pub(super) const fn new(scanned: &'de [u8]) -> Self {
        Self { rest: scanned }
    }

    fn peek(&self) -> Result<u8, Error> {
        self.rest.first().copied().ok_or_else(|| Error::custom("nothing is left"))
    }

    fn take(&mut self, count: usize) -> Result<&'de [u8], Error> {
        let (taken, rest) =
            self.rest.split_at_checked(count).ok_or_else(|| Error::custom("nothing is left"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads an initial byte, and the number behind it.
    fn head(&mut self) -> Result<(u8, u64), Error> {
        let initial = self.take(1)?[0];
        let (major, info) = (initial >> 5, initial & 0x1F);
        let width = match info {
            0..=23 => return Ok((major, info.into())),
            24..=27 => 1 << (info - 24),
            _ => return Err(Error::custom("an indefinite length")),
        };
        Ok((major, self.take(width)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))))
    }

    /// Reads a length or a count, or fails if the next item is of another major type.
    fn length<V: Visitor<'de>>(&mut self, major: u8, visitor: &V) -> Result<usize, Error> {
        let initial = self.peek()?;
        if initial >> 5 != major {
            return Err(Error::invalid_type(unexpected(initial), visitor));
        }
        let (_, length) = self.head()?;
        usize::try_from(length).map_err(|_| Error::custom("a length beyond the end"))
    }

    fn text<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let length = self.length(TEXT, &visitor)?;
        visitor.visit_borrowed_str(str::from_utf8(self.take(length)?).map_err(Error::custom)?)
    }

    fn bytes<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let length = self.length(BYTES, &visitor)?;
        visitor.visit_borrowed_bytes(self.take(length)?)
    }

    fn array<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let mut left = self.length(ARRAY, &visitor)?;
        let value = visitor.visit_seq(Items { reader: self, left: &mut left })?;
        if left == 0 { Ok(value) } else { Err(Error::custom("a list that is too long")) }
    }

    fn entries<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let mut left = self.length(MAP, &visitor)?;
        let value = visitor.visit_map(Items { reader: self, left: &mut left })?;
        if left == 0 { Ok(value) } else { Err(Error::custom("a map that is too long")) }
    }
}

fn unexpected(initial: u8) -> Unexpected<'static> {
    match initial >> 5 {
        BYTES => Unexpected::Other("bytes"),
        TEXT => Unexpected::Other("a text"),
        ARRAY => Unexpected::Seq,
        MAP => Unexpected::Map,
        SIMPLE if initial == NULL => Unexpected::Option,
        SIMPLE => Unexpected::Other("a boolean"),
        _ => Unexpected::Other("a number"),
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek()? {
            FALSE | TRUE => visitor.visit_bool(self.take(1)? == [TRUE]),
            NULL => {
                self.take(1)?;
                visitor.visit_unit()
            }
            initial => match initial >> 5 {
                BYTES => self.bytes(visitor),
                TEXT => self.text(visitor),
                ARRAY => self.array(visitor),
                MAP => self.entries(visitor),
                major => {
                    let (_, number) = self.head()?;
                    match i64::try_from(number) {
                        Ok(number) if major == NEGATIVE => visitor.visit_i64(-1 - number),
                        Err(_) if major == NEGATIVE => visitor.visit_i128(-1 - i128::from(number)),
                        _ => visitor.visit_u64(number),
                    }
                }
            },
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.text(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.text(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.bytes(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.peek()? == NULL {
            self.take(1)?;
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.entries(visitor)
    }

    /// An enum is the name of a variant, or a map with the name of one and what belongs to it.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let is_map = self.peek()? >> 5 == MAP;
        if is_map && self.length(MAP, &visitor)? != 1 {
            return Err(Error::invalid_type(Unexpected::Map, &visitor));
        }
        visitor.visit_enum(Variant { reader: self, has_contents: is_map })
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char unit unit_struct seq tuple tuple_struct map
        ignored_any
    }
}

/// What is left of an array or a map.
struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: &'a mut usize,
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        *self.left = left;
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(&mut *self.reader)
    }
}

/// A variant of an enum, from its name on.
struct Variant<'a, 'de> {
    reader: &'a mut Reader<'de>,
    has_contents: bool,
}

impl Variant<'_, '_> {
    fn contents(&self) -> Result<(), Error> {
        if self.has_contents { Ok(()) } else { Err(Error::custom("a variant without its contents")) }
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Error> {
        Ok((seed.deserialize(&mut *self.reader)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        if self.has_contents { Err(Error::custom("a variant that has no contents")) } else { Ok(()) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        self.contents()?;
        seed.deserialize(self.reader)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.contents()?;
        self.reader.array(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.contents()?;
        self.reader.entries(visitor)
    }
}

/// Decodes one item that was scanned.
pub(super) fn read<T: de::DeserializeOwned>(scanned: &[u8]) -> Result<T, Error> {
    T::deserialize(&mut Reader::new(scanned))
}
