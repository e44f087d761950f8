//! Which variant of a product runs: as chosen by measuring, else by rule.

use std::collections::BTreeMap;

/// A variant of the core that dense layers, convolutions and their gradients share. All add in the
/// same order, so that they agree bit for bit on one adapter, for finite numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variant {
    /// Each invocation alone, its tile in registers: runs everywhere.
    Registers,
    /// The same with the four phases of a stride of two as columns: for a conv_transpose2d to one
    /// channel.
    Phases,
    /// Rows shared by broadcast in a subgroup of exactly eight, for software Vulkan.
    Subgroup(SubgroupTile),
    /// A tile in workgroup memory, for GPUs.
    Shared(SharedTile),
}

/// What a workgroup of 8 invocations makes in the variants with broadcast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubgroupTile {
    /// 32 rows of 16 columns: for few columns.
    Tall,
    /// 16 rows of 32 columns: for small batches.
    Small,
    /// 32 rows of 32 columns.
    Square,
    /// 16 rows of 64 columns: for many columns.
    Wide,
}

impl SubgroupTile {
    /// Rows and columns.
    pub fn extents(self) -> [usize; 2] {
        match self {
            Self::Tall => [32, 16],
            Self::Small => [16, 32],
            Self::Square => [32, 32],
            Self::Wide => [16, 64],
        }
    }
}

/// What a workgroup of 64 invocations makes in the variants with workgroup memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SharedTile {
    /// 16 rows of 64 columns: for small batches.
    Flat,
    /// 32 rows of 32 columns: for few columns.
    Small,
    /// 64 rows of 64 columns.
    Large,
}

impl SharedTile {
    /// Rows and columns.
    pub fn extents(self) -> [usize; 2] {
        match self {
            Self::Flat => [16, 64],
            Self::Small => [32, 32],
            Self::Large => [64, 64],
        }
    }
}

impl Variant {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Registers,
        Self::Phases,
        Self::Subgroup(SubgroupTile::Tall),
        Self::Subgroup(SubgroupTile::Small),
        Self::Subgroup(SubgroupTile::Square),
        Self::Subgroup(SubgroupTile::Wide),
        Self::Shared(SharedTile::Flat),
        Self::Shared(SharedTile::Small),
        Self::Shared(SharedTile::Large),
    ];

    /// Its name in reports, caches and checkpoints.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registers => "registers",
            Self::Phases => "phases",
            Self::Subgroup(SubgroupTile::Tall) => "subgroup32x16",
            Self::Subgroup(SubgroupTile::Small) => "subgroup16x32",
            Self::Subgroup(SubgroupTile::Square) => "subgroup32x32",
            Self::Subgroup(SubgroupTile::Wide) => "subgroup16x64",
            Self::Shared(SharedTile::Flat) => "shared16x64",
            Self::Shared(SharedTile::Small) => "shared32x32",
            Self::Shared(SharedTile::Large) => "shared64x64",
        }
    }

    /// The variant of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variant| variant.name() == name)
    }

    /// Whether an adapter of these traits can run it.
    pub fn runs_on(self, traits: Traits) -> bool {
        match self {
            Self::Registers | Self::Phases | Self::Shared(_) => true,
            Self::Subgroup(_) => traits.subgroup_width == Some(8) && traits.int64,
        }
    }
}

impl std::fmt::Display for Variant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// What runs the invocations of a shader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Processor {
    /// A driver that computes on the CPU: workgroup memory is no faster than a buffer.
    Cpu,
    /// A GPU.
    Gpu,
}

/// What variants are chosen by where nothing was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Traits {
    /// The width of subgroups, if the adapter has them and it is always the same.
    pub subgroup_width: Option<u32>,
    /// Whether shaders can use integers of 64 bits.
    pub int64: bool,
    /// What runs invocations.
    pub processor: Processor,
    /// The variant of every product that can take it, instead of the rule's: for checks of each.
    pub variant: Option<Variant>,
}

impl Traits {
    /// Those of an adapter that promises nothing.
    pub const PLAIN: Self =
        Self { subgroup_width: None, int64: false, processor: Processor::Cpu, variant: None };

    /// Those of an adapter whose subgroups are always eight wide, with integers of 64 bits, that
    /// promises nothing else.
    pub const SUBGROUPS_OF_8: Self = Self { subgroup_width: Some(8), int64: true, ..Self::PLAIN };

    /// One adapter that runs every variant, with each of them in turn: for whoever looks at all
    /// kernels without a device.
    pub fn of_every_variant() -> impl Iterator<Item = Self> + Clone {
        Variant::ALL.into_iter().map(|variant| Self::SUBGROUPS_OF_8.with_variant(variant))
    }

    /// These, with one variant for every product that can take it.
    pub fn with_variant(self, variant: Variant) -> Self {
        Self { variant: Some(variant), ..self }
    }

    /// The variants that an adapter of these traits can run.
    pub fn variants(self) -> impl Iterator<Item = Variant> {
        Variant::ALL.into_iter().filter(move |variant| variant.runs_on(self))
    }
}

/// The variants that were chosen for products, by the products' names
/// ([`products_of`](crate::products_of)). The others are chosen by rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices(BTreeMap<String, Variant>);

impl Choices {
    /// Of a product, if it was chosen.
    pub fn get(&self, product: &str) -> Option<Variant> {
        self.0.get(product).copied()
    }

    /// Chooses a product's variant.
    pub fn insert(&mut self, product: String, variant: Variant) {
        self.0.insert(product, variant);
    }

    /// All, by the products' names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Variant)> {
        self.0.iter().map(|(product, &variant)| (product.as_str(), variant))
    }

    /// Whether nothing was chosen.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, Variant)> for Choices {
    fn from_iter<I: IntoIterator<Item = (String, Variant)>>(choices: I) -> Self {
        Self(choices.into_iter().collect())
    }
}
