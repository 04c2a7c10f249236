import { createOutput, outliveReader } from "./output/output.ts";
import { run } from "./program.ts";

outliveReader(process.stdout);
outliveReader(process.stderr);
process.exitCode = await run(process.argv.slice(2), createOutput());
