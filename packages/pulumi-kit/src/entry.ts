import type { SitePlan } from "@ertis/provisioning-model";
import { limitHosts, mistakeText } from "@ertis/provisioning-model";
import { loadPlans } from "@ertis/provisioning-model/load";
import * as pulumi from "@pulumi/pulumi";
import { parseConfiguration } from "./configuration.ts";
import type { StackConfiguration } from "./configuration.ts";
import { createContext } from "./stack-context.ts";
import type { StackContext } from "./stack-context.ts";
import { StackError } from "./stack-error.ts";
import { parseProjectName } from "./stack-target.ts";
import { requireVersions } from "./tool-versions.ts";

/** What a stack exports; see stack-facts.ts. */
export type Outputs = Readonly<Record<string, pulumi.Input<unknown>>>;

export type Deploy = (context: StackContext) => Outputs | Promise<Outputs>;

/**
 * A project's program: looks at tools, configuration, site files and stack name, in this order, and
 * only then lets `deploy` make resources. Each refusal is one message.
 */
export function entry(deploy: Deploy): () => Promise<Outputs> {
  return async (): Promise<Outputs> => {
    stopMappingStacks();
    await requireVersions();
    const configuration = parseConfiguration(pulumi.runtime.allConfig());
    return deploy(
      createContext({
        project: parseProjectName(pulumi.getProject()),
        stack: pulumi.getStack(),
        isPreview: pulumi.runtime.isDryRun(),
        configuration,
        plans: readPlans(configuration, undefined),
        kubeconfigVariable: process.env["KUBECONFIG"],
        warn: (message) => void pulumi.log.warn(message),
      }),
    );
  };
}

/**
 * Pulumi's runner maps stacks to sources, and Pulumi keeps a stack for every promise, of which a hall has
 * thousands. Our types are stripped in place, so there is nothing to map, and a third of the time to win.
 */
function stopMappingStacks(): void {
  Reflect.deleteProperty(Error, "prepareStackTrace");
}

/** The plans of all sites, from the given directory or the default one. */
export function readPlans(
  configuration: StackConfiguration,
  directory: string | undefined,
): readonly SitePlan[] {
  const loaded = directory === undefined ? loadPlans() : loadPlans(directory);
  if (loaded.kind === "errors") {
    const lines = loaded.errors.map(mistakeText);
    throw new StackError(
      `${lines.length} ${lines.length === 1 ? "error" : "errors"} in the site files:\n  ${lines.join("\n  ")}`,
    );
  }
  const count = configuration.hostsPerSiteCount;
  return count === undefined ? loaded.plans : loaded.plans.map((plan) => limitHosts(plan, count));
}
