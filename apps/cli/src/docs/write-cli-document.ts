// Writes docs/cli.md from the help: `node apps/cli/src/docs/write-cli-document.ts`.
import { writeFileSync } from "node:fs";
import { renderCliDocument } from "./render-cli-document.ts";

writeFileSync(new URL("../../../../docs/cli.md", import.meta.url), renderCliDocument());
