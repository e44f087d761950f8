//! What the help shows below the options.

pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0 done       2 usage               5 device
  1 internal   3 bad input or data   6 verification failed
  4 numbers went non-finite, or training collapsed and was to stop
  130 interrupted (Ctrl-C)           143 terminated";

pub(super) const TRAIN_EXAMPLES: &str = "\
Examples:
  ganvas train                              learn to draw digits; nothing else
                                            is needed
  ganvas train --kimg 5                     the same for five thousand images:
                                            a first look
  ganvas train --data ./photos --batch 16   a folder of images of any size,
                                            64x64 colour
  ganvas train --data icons.zip --channels 4 --size 96x48
                                            a zip of images, with transparency,
                                            96 wide, 48 high
  ganvas train --data ./mnist               a folder with
                                            train-images-idx3-ubyte.gz
  ganvas train --dry-run                    show networks and memory, train
                                            nothing
  ganvas train --preview                    draw each snapshot in the terminal
                                            too
  ganvas train --json | jq .event           an object a line for programs
  ganvas train --resume latest --kimg 600   go on with the newest run, up to
                                            600,000 images
  ganvas train --on-collapse rollback       go back and on with half of a
                                            learning rate where training
                                            collapses
  ganvas train --resume latest --fork --learning-rate 0.0001
                                            a new run from where that one
                                            stands, in smaller steps
  ganvas train --resume latest --fork --data ./more
                                            a new run from where that one
                                            stands, with other images

A run writes a folder such as runs/00000-digits-dcgan28 with reals.png (what it
learns from), fakes-NNNNNNNN.png (what it draws after so many steps, always of
the same 64 seeds), stats.jsonl (one line a tick) and checkpoints. Ctrl-C saves
before it stops; --resume goes on.";

pub(super) const SAMPLE_EXAMPLES: &str = "\
Examples:
  ganvas sample runs/00000-digits-dcgan28
      a grid of seeds 0 to 63
  ganvas sample latest --seeds 0,1,4-6 --out five.png
  ganvas sample latest --seeds 0-9999 --each fakes --truncation 0.7
      a file for each, of shorter latents
  ganvas sample latest --seeds 7,3,12 --mix 7-3+12
      three seeds and their sum
  ganvas sample latest --interpolate 3,8,21 --frames 40 --out film.gif
  ganvas sample latest --seeds 0-15 --nearest=3
      has it memorised its images?
  ganvas sample latest --preview
      in the terminal too
  ganvas sample runs/00000-digits-dcgan28/checkpoints/00000312.safetensors";

pub(super) const EXPORT_EXAMPLES: &str = "\
Examples:
  ganvas export runs/00000-digits-dcgan28 --out digits.onnx
      for onnxruntime and other runtimes
  ganvas export runs/00000-photos-dcgan64 --out netG.safetensors
      for PyTorch's DCGAN example
  ganvas export latest --network discriminator --out netD.safetensors
  ganvas export latest --out digits.onnx --samples expected.safetensors
      with pictures to compare with
  ganvas export netG.safetensors --out netG.onnx
      weights that were trained in PyTorch

The generator takes z, (batch, 100) standard normal numbers, and yields image,
(batch, C, H, W) in [-1, 1]. Of four channels the last is alpha, and the
colours are multiplied by it. The discriminator takes image and yields logit,
(batch, 1). Batch norm takes its running statistics.

Both kinds of files are f32. `ganvas train --weights FILE.safetensors` and
`ganvas sample FILE.safetensors` take such a state dict back, from here or from
PyTorch.";

pub(super) const TRACE_EXAMPLES: &str = "\
Examples:
  ganvas trace --out step.safetensors
      the step that `ganvas train` begins with
  ganvas trace --device cpu --batch 8 --out cpu.safetensors
      a smaller one, by plain loops
  ganvas trace --weights step.safetensors --out again.safetensors
      from the weights of a trace, or of PyTorch
  ganvas trace --resume runs/00000-digits-dcgan28 --out next.safetensors
      the step that would come next in a run

Tensors are f32 with PyTorch's layouts and names. For g. and d.: param.NAME
(weights and running statistics), grad.NAME, Adam's m.NAME and v.NAME, and
param_after.NAME, m_after.NAME, v_after.NAME; for the average g.ema.NAME and
g.ema_after.NAME. z, real and fake. act.PASS.main.INDEX is what a module
yields, act.PASS.main.INDEX.mask what a dropout multiplied by; the passes are
g, d_real, d_fake and d_gen. loss_d, loss_g, d_real and d_fake have one
element. The metadata's key `ganvas_trace` holds JSON: the options, and the
modules of both networks by PyTorch's names.

`python tests/golden/step.py step.safetensors`, in Ganvas's source tree,
replays the step in PyTorch in float64 and compares every tensor.";

pub(super) const DOCTOR_EXAMPLES: &str = "\
Examples:
  ganvas doctor                             a quick look at the adapter that
                                            `auto` takes
  ganvas doctor --full --json report.json   all of it, with a report to send
  ganvas doctor --device 1 --only conv2d    one kernel on another adapter
  ganvas doctor --only conv2d/small/3/normal
                                            one case, as a report names it

Every kernel runs on the adapter and on the CPU in f64, and each element must
be within what f32 arithmetic can be off by. Then a whole training step is
compared kernel by kernel. The exit code is 0 if all held and 6 if not.";

pub(super) const BENCH_EXAMPLES: &str = "\
Examples:
  ganvas bench                              everything, on the adapter that
                                            `auto` takes
  ganvas bench --quick                      a look at the products of one
                                            preset
  ganvas bench --json mine.json --plot mine.svg
                                            with a file to send and a picture
  ganvas bench --preset dcgan28 --batch 16
                                            one preset at another batch size
  ganvas bench --compare before.json        ratios against an earlier file

First the adapter's ceilings are measured: arithmetic, copying, dispatches.
Then every different kernel of the presets' training steps, forward and
backward, and last whole steps. roof is the share of what the ceilings allow at
the kernel's arithmetic intensity. All of it takes two to three minutes on
software Vulkan with two cores and less than one on a GPU; --quick takes ten
seconds. Let nothing else run.";

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  ganvas completions bash > ~/.local/share/bash-completion/completions/ganvas
  ganvas completions zsh > ~/.zfunc/_ganvas
                                            with `fpath+=~/.zfunc` in ~/.zshrc
  ganvas completions fish > ~/.config/fish/completions/ganvas.fish
  ganvas completions powershell >> $PROFILE";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  ganvas man ~/.local/share/man/man1   then `man ganvas` and `man ganvas-train`";

pub(super) const DEVICES_EXAMPLES: &str = "\
Examples:
  ganvas devices                            what there is, and what `auto`
                                            takes
  ganvas devices --json | jq -r '.[].name'
                                            for programs
  ganvas train --device 1                   by its number
  ganvas train --device llvmpipe            by a part of its name";

#[cfg(test)]
mod tests {
    use crate::args::Arguments;
    use clap::{Command, CommandFactory};

    /// Clap would break longer lines of a table anywhere.
    #[test]
    fn examples_fit_a_terminal_of_80_columns() {
        fn check(command: &Command) {
            let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in text.lines() {
                assert!(line.chars().count() < 80, "{}: {line}", command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Arguments::command());
    }
}
