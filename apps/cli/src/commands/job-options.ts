import type { Command } from "commander";
import { collect } from "./options.ts";

/** Adds the options that describe a job: for `submit` and `plan`, and for `#ERTIS` lines of a script. */
export function addJobOptions(command: Command): Command {
  return command
    .optionsGroup("What it needs:")
    .option("-N, --nodes <count>", "nodes that start together")
    .option("-G, --gpus <count>", "GPUs in all: one node up to 8, above that nodes of 8")
    .option("--gpus-per-node <count>", "GPUs on each node, 1 to 16")
    .option("--gpu <model>", "GPU model, for example H100-SXM-80GB")
    .option("--site <site>", "site it must run on")
    .option("-t, --time <length>", 'longest run time: "2h", "90 min", 1-12:00:00')
    .optionsGroup("When:")
    .option("-a, --array <range>", "run it many times: 0-99, or 0-99%10 for 10 at once")
    .option("-d, --dependency <list>", "start after others: afterok:ID, afterany:ID, afternotok:ID")
    .option("--begin <when>", 'not before: now+2h, 18:30, "2026-11-25 18:30"')
    .option("-H, --hold", "submit held; start with ertis release")
    .option("--priority <class>", "low, normal, high or urgent")
    .option("--preemptible", "may be stopped and queued again to make room")
    .option("--retry <count>", "try again this many times when it fails")
    .option("--deadline <when>", "should have ended by then; steers its place in the queue")
    .optionsGroup("How far it bends (starts sooner, and helps when power is short):")
    .option("--tier <percent>", "throughput it tolerates to lose in a curtailment: 0, 10, 25 or 50")
    .option("--class <name>", "kind of work: pre-train, fine-tune, inference, or a measured one")
    .option("--min-cap <power>", 'lowest cap of a GPU it accepts: "300 W"')
    .option("--min-nodes <count>", "it also runs on fewer nodes, down to this")
    .option("--time-min <length>", "shortest run time it is content with, to fill a hole")
    .option("--checkpoint <save/restore>", "it saves its work when told to stop: 30s/1min")
    .optionsGroup("What it is:")
    .option("--project <project>", "project that pays; else the context's, else your only one")
    .option("-J, --name <name>", "name; else that of the file")
    .option("--label <key=value>", "for filters and reports; may be repeated", collect)
    .option("--env <key=value>", "environment variable; may be repeated", collect)
    .option("--image <image>", "container image")
    .option("--chdir <path>", "directory to start in")
    .option("--wrap <command>", "run this shell command instead of a file")
    .option("--ignore-unknown", "skip directives of the script that are not known");
}
