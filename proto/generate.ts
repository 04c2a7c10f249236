// Makes packages/api from the proto files: `npm run generate`. Needs no network.
import { resolve } from "node:path";
import { generate, lint } from "./generator.ts";

lint();
generate(resolve(import.meta.dirname, ".."));
