import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { isRunning, type ProcessMark } from "../programs/processes.ts";
import { lastLines, runProgram } from "../programs/run-program.ts";
import { programPath, type Toolchain } from "../toolchain.ts";
import { type ClusterFiles, removeFiles, writeRecord } from "./cluster-files.ts";
import { ClusterProblem } from "./cluster-problem.ts";
import { startedCount, startedProcesses } from "./cluster-processes.ts";
import { endCluster } from "./end-cluster.ts";
import { freePorts } from "./free-ports.ts";

const portOptions = [
  "etcdPort",
  "etcdPeerPort",
  "kubeApiserverPort",
  "kubeControllerManagerPort",
  "kubeSchedulerPort",
  "kwokControllerPort",
] as const;

const attemptsCount = 3;

export interface CreateOptions {
  readonly name: string;
  readonly toolchain: Toolchain;
  readonly files: ClusterFiles;
  readonly hasStageObjects: boolean;
}

/** Starts the control plane. Somebody else may take a port in between: then it is tried with others. */
export async function createCluster(options: CreateOptions): Promise<readonly ProcessMark[]> {
  const { name, files } = options;
  let said = "";
  for (let attempt = 1; attempt <= attemptsCount; attempt += 1) {
    const created = await tryCreate(options);
    if (created.kind === "created") {
      return created.processes;
    }
    said = created.message;
    await endCluster(files, created.processes);
    removeFiles(files);
  }
  throw new ClusterProblem(
    `The local cluster ${name} did not become ready in ${attemptsCount} attempts:\n${said}`,
  );
}

type Created =
  | { readonly kind: "created"; readonly processes: readonly ProcessMark[] }
  | {
      readonly kind: "failed";
      readonly message: string;
      readonly processes: readonly ProcessMark[];
    };

async function tryCreate(options: CreateOptions): Promise<Created> {
  const { name, toolchain, files } = options;
  // Whatever happens from here on, `down` knows of it.
  writeRecord(files, { name, processes: [], crds: [] });
  await writeConfig(options);
  mkdirSync(dirname(files.kubeconfigPath), { recursive: true });
  rmSync(files.kubeconfigPath, { force: true });
  const created = await runProgram(
    programPath(toolchain, "kwokctl"),
    [
      "create",
      "cluster",
      `--name=${name}`,
      `--config=${files.configPath}`,
      `--kubeconfig=${files.kubeconfigPath}`,
      "--kube-authorization",
      "--kube-admission",
      "--wait=60s",
      "--extra-args=kube-apiserver=advertise-address=127.0.0.1",
      "--extra-args=kube-apiserver=endpoint-reconciler-type=none",
      // Its data goes with the cluster, so it need not outlive a power cut.
      "--extra-args=etcd=unsafe-no-fsync=true",
    ],
    { environment: kwokEnvironment(toolchain, files), timeoutSeconds: 120 },
  );
  const processes = startedProcesses(files);
  // A component that could not have its port has ended, while kwokctl found somebody else's ready.
  const hasEnded =
    processes.length < startedCount(files) || processes.some((mark) => !isRunning(mark));
  if (created.exitCode === 0 && processes.length > 0 && !hasEnded) {
    return { kind: "created", processes };
  }
  const message = `${lastLines(created.stdout + created.stderr, 8)}\n${componentLogs(files)}`;
  return { kind: "failed", message, processes };
}

async function writeConfig({ files, hasStageObjects }: CreateOptions): Promise<void> {
  const ports = await freePorts(portOptions.length);
  const config = {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options: {
      bindAddress: "127.0.0.1",
      ...Object.fromEntries(portOptions.map((option, index) => [option, ports[index]])),
      ...(hasStageObjects ? { enableCRDs: ["Stage"] } : {}),
    },
  };
  mkdirSync(dirname(files.configPath), { recursive: true });
  writeFileSync(files.configPath, stringify(config));
}

function kwokEnvironment(toolchain: Toolchain, files: ClusterFiles): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("KWOK_"));
  return {
    ...Object.fromEntries(others),
    KWOK_RUNTIME: "binary",
    KWOK_WORKDIR: files.workDirectory,
    KWOK_ETCD_BINARY: programPath(toolchain, "etcd"),
    KWOK_KUBE_APISERVER_BINARY: programPath(toolchain, "kube-apiserver"),
    KWOK_KUBE_CONTROLLER_MANAGER_BINARY: programPath(toolchain, "kube-controller-manager"),
    KWOK_KUBE_SCHEDULER_BINARY: programPath(toolchain, "kube-scheduler"),
    KWOK_CONTROLLER_BINARY: programPath(toolchain, "kwok"),
    KWOK_KUBECTL_BINARY: programPath(toolchain, "kubectl"),
  };
}

function componentLogs(files: ClusterFiles): string {
  return ["etcd", "kube-apiserver"]
    .flatMap((component) => {
      try {
        const text = readFileSync(join(files.clusterDirectory, "logs", `${component}.log`), "utf8");
        return [`${component}: ${lastLines(text, 4)}`];
      } catch {
        return [];
      }
    })
    .join("\n");
}
