import { flushCompileCache } from "node:module";
import { PolicyPack } from "@pulumi/policy";
import { endWithEngine } from "./analyzer/end-with-engine.ts";
import { createPolicies } from "./analyzer/policies.ts";
import { watchStackConfiguration } from "./analyzer/stack-configuration.ts";
import { rules } from "./rules/index.ts";

endWithEngine();
watchStackConfiguration();

/** Made once it is imported, which starts to serve: the runner has no other way to call a pack. */
export const pack: PolicyPack = new PolicyPack("ertis", {
  enforcementLevel: "mandatory",
  policies: createPolicies(rules),
});

// The engine ends the pack with a signal, so what Node would write at its exit is written now.
flushCompileCache();
