//! The data sets that can be fetched: files, hashes, mirrors, licences.
//!
//! Sizes and SHA-256 are those that TensorFlow Datasets publishes, in its files
//! `tensorflow_datasets/url_checksums/{mnist,fashion_mnist,kmnist,cifar10}.txt`. The mirrors are
//! those of TensorFlow Datasets, of PyTorch's torchvision and of the data sets' own pages.

/// A data set as its authors publish it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DataSet {
    /// What the command line calls it; also its folder's name.
    pub(crate) name: &'static str,
    /// What it shows, in a few words.
    pub(crate) summary: &'static str,
    /// In the order in which they are fetched.
    pub(crate) files: &'static [PublishedFile],
    /// Addresses that a file's name is appended to; the first is asked first.
    pub(crate) mirrors: &'static [&'static str],
    /// Whose it is, and on which terms.
    pub(crate) terms: &'static str,
}

/// A file whose every byte is known.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PublishedFile {
    pub(crate) name: &'static str,
    /// Its length.
    pub(crate) bytes: u64,
    /// In lower-case hexadecimal digits.
    pub(crate) sha256: &'static str,
}

impl DataSet {
    /// The one of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        DATA_SETS.iter().find(|set| set.name == name)
    }

    /// Of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// All that can be fetched.
pub(crate) const DATA_SETS: [DataSet; 4] = [
    DataSet {
        name: "mnist",
        summary: "handwritten digits, 60,000 and 10,000 images, 28x28 grey",
        files: &[
            PublishedFile {
                name: "train-images-idx3-ubyte.gz",
                bytes: 9_912_422,
                sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            },
            PublishedFile {
                name: "train-labels-idx1-ubyte.gz",
                bytes: 28_881,
                sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            },
            PublishedFile {
                name: "t10k-images-idx3-ubyte.gz",
                bytes: 1_648_877,
                sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            },
            PublishedFile {
                name: "t10k-labels-idx1-ubyte.gz",
                bytes: 4_542,
                sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            },
        ],
        mirrors: &[
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "http://yann.lecun.com/exdb/mnist/",
        ],
        terms: "MNIST is by Yann LeCun, Corinna Cortes and Christopher J. C. Burges, under CC BY-SA \
                3.0.",
    },
    DataSet {
        name: "fashion-mnist",
        summary: "clothes, 60,000 and 10,000 images, 28x28 grey",
        files: &[
            PublishedFile {
                name: "train-images-idx3-ubyte.gz",
                bytes: 26_421_880,
                sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            },
            PublishedFile {
                name: "train-labels-idx1-ubyte.gz",
                bytes: 29_515,
                sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            },
            PublishedFile {
                name: "t10k-images-idx3-ubyte.gz",
                bytes: 4_422_102,
                sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            },
            PublishedFile {
                name: "t10k-labels-idx1-ubyte.gz",
                bytes: 5_148,
                sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            },
        ],
        mirrors: &[
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ],
        terms: "Fashion-MNIST is by Zalando Research, under the MIT licence.",
    },
    DataSet {
        name: "kmnist",
        summary: "cursive Japanese characters, 60,000 and 10,000 images, 28x28 grey",
        files: &[
            PublishedFile {
                name: "train-images-idx3-ubyte.gz",
                bytes: 18_165_135,
                sha256: "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            },
            PublishedFile {
                name: "train-labels-idx1-ubyte.gz",
                bytes: 29_497,
                sha256: "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            },
            PublishedFile {
                name: "t10k-images-idx3-ubyte.gz",
                bytes: 3_041_136,
                sha256: "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            },
            PublishedFile {
                name: "t10k-labels-idx1-ubyte.gz",
                bytes: 5_120,
                sha256: "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
            },
        ],
        mirrors: &[
            "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        ],
        terms: "KMNIST is by the Center for Open Data in the Humanities (CODH), adapted from the \
                Kuzushiji dataset of the National Institute of Japanese Literature, under CC BY-SA \
                4.0.",
    },
    DataSet {
        name: "cifar10",
        summary: "animals and vehicles, 50,000 and 10,000 images, 32x32 colour",
        files: &[PublishedFile {
            name: "cifar-10-binary.tar.gz",
            bytes: 170_052_171,
            sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        }],
        mirrors: &["https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/"],
        terms: "CIFAR-10 is by Alex Krizhevsky, Vinod Nair and Geoffrey Hinton. Its page states no \
                licence and asks to cite: A. Krizhevsky, Learning Multiple Layers of Features from \
                Tiny Images, 2009.",
    },
];
