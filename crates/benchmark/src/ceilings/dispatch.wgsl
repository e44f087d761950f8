// word += 1: next to nothing, so that its time is a dispatch's own.
// word [1]; each dispatch waits for the one before it, as those of a training step do.
// One invocation.
// No sum.

@group(0) @binding(0) var<storage, read_write> word: array<u32>; // [1]

@compute @workgroup_size(1)
fn main() {
    word[0] += 1u;
}
