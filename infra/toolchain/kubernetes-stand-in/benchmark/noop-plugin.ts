/** A plugin that does nothing: what any plugin in this language costs, on the engine's own library for them. */
import { createHash } from "node:crypto";
import type { CreateResult, DiffResult, Provider } from "@pulumi/pulumi/provider/index.js";
import { main } from "@pulumi/pulumi/provider/server.js";

const noop: Provider = {
  version: "1.0.0",
  async check(_urn, _olds, news) {
    return { inputs: news };
  },
  async diff(_id, _urn, olds, news): Promise<DiffResult> {
    return { changes: JSON.stringify(olds) !== JSON.stringify(news) };
  },
  async create(urn, inputs): Promise<CreateResult> {
    return { id: createHash("sha256").update(urn).digest("hex").slice(0, 12), outs: inputs };
  },
  async update(_id, _urn, _olds, news) {
    return { outs: news };
  },
};

await main(noop, process.argv.slice(2));
