import { parseConfiguration } from "../configuration.ts";
import { readPlans } from "../entry.ts";
import type { Deploy } from "../entry.ts";
import { createContext } from "../stack-context.ts";
import { parseProjectName } from "../stack-target.ts";
import { recordProgram } from "./record-program.ts";
import type { RecordOptions, StackRecord } from "./record-program.ts";
import type { RecordedResource } from "./recorded-resource.ts";

export interface RunStackOptions extends RecordOptions {
  /** With the namespace: `ertis:profile`. */
  readonly config?: Readonly<Record<string, string>>;
  readonly sitesDirectory?: string;
  /** What KUBECONFIG says; absent by default. */
  readonly kubeconfig?: string;
}

/** Runs a stack's deploy against Pulumi's mocks and gives all resources it asked for. */
export async function runStack(
  deploy: Deploy,
  options: RunStackOptions,
): Promise<readonly RecordedResource[]> {
  return (await recordStack(deploy, options)).resources;
}

/** As {@link runStack}, with the stack's outputs. */
export async function recordStack(deploy: Deploy, options: RunStackOptions): Promise<StackRecord> {
  const configuration = parseConfiguration(options.config ?? {});
  const plans = readPlans(configuration, options.sitesDirectory);
  return recordProgram(options, () =>
    deploy(
      createContext({
        project: parseProjectName(options.project),
        stack: options.stack,
        isPreview: options.isPreview ?? true,
        configuration,
        plans,
        kubeconfigVariable: options.kubeconfig,
        warn: () => undefined,
      }),
    ),
  );
}
