import { readFileSync } from "node:fs";
import { join } from "node:path";
import { modulesDirectory } from "../paths.ts";

/** One Go module of ours; version selection of one does not lift another. Folder names of `modules/`. */
export type FamilyName =
  | "pulumi-language-nodejs"
  | "pulumi"
  | "kubernetes"
  | "kwok"
  | "cluster-api"
  | "kueue";

export interface Family {
  readonly name: FamilyName;
  /** The module whose version is the version of the family's programs. */
  readonly versionModule: string;
  /** Where its project publishes the programs, for who wants no Go; undefined: as images only. */
  readonly published: string | undefined;
  readonly tags: readonly string[];
  /** Go variables that carry the version into the program. */
  readonly versionVariables: (version: string) => readonly string[];
  readonly binaries: readonly Binary[];
  /** Folders of the modules that programs need beside them: manifests for `kubectl kustomize`. */
  readonly configFolders: readonly ConfigFolder[];
}

export interface Binary {
  readonly name: string;
  readonly package: string;
  /** Where it is not the family's. */
  readonly versionModule?: string;
}

export interface ConfigFolder {
  /** The name in the cache; what {@link Toolchain.configDirectories} is keyed by. */
  readonly name: "kueue" | "cluster-api" | "cluster-api-test";
  readonly module: string;
  readonly folders: readonly string[];
}

const none = (): readonly string[] => [];

function kubernetesVariables(version: string): readonly string[] {
  const [major = "", minor = ""] = version.replace(/^v/, "").split(".");
  return ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) => [
    `${path}.gitVersion=${version}`,
    `${path}.gitMajor=${major}`,
    `${path}.gitMinor=${minor}`,
    `${path}.gitTreeState=clean`,
  ]);
}

/** In the order of building: the small one first shows that Go and the proxy work. */
export const families: readonly Family[] = [
  {
    name: "pulumi-language-nodejs",
    versionModule: "github.com/pulumi/pulumi/sdk/v3",
    published: "https://www.pulumi.com/docs/install/versions",
    tags: [],
    versionVariables: none,
    binaries: [
      {
        name: "pulumi-language-nodejs",
        package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
      },
    ],
    configFolders: [],
  },
  {
    name: "pulumi",
    versionModule: "github.com/pulumi/pulumi/pkg/v3",
    published: "https://www.pulumi.com/docs/install/versions",
    tags: ["osusergo", "grpcnotrace"],
    versionVariables: (version) => [
      `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`,
    ],
    binaries: [{ name: "pulumi", package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" }],
    configFolders: [],
  },
  {
    name: "kubernetes",
    versionModule: "k8s.io/kubernetes",
    published: "https://kubernetes.io/releases/download, https://etcd.io",
    tags: [],
    versionVariables: kubernetesVariables,
    binaries: [
      {
        name: "etcd",
        package: "go.etcd.io/etcd/server/v3",
        versionModule: "go.etcd.io/etcd/server/v3",
      },
      ...["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"].map((name) => ({
        name,
        package: `k8s.io/kubernetes/cmd/${name}`,
      })),
    ],
    configFolders: [],
  },
  {
    name: "kwok",
    versionModule: "sigs.k8s.io/kwok",
    published: "https://kwok.sigs.k8s.io",
    tags: [],
    versionVariables: none,
    binaries: [
      { name: "kwok", package: "sigs.k8s.io/kwok/cmd/kwok" },
      { name: "kwokctl", package: "sigs.k8s.io/kwok/cmd/kwokctl" },
    ],
    configFolders: [],
  },
  {
    name: "cluster-api",
    versionModule: "sigs.k8s.io/cluster-api",
    published: undefined,
    tags: [],
    versionVariables: none,
    binaries: [
      { name: "capi-core", package: "sigs.k8s.io/cluster-api" },
      { name: "capi-kubeadm-bootstrap", package: "sigs.k8s.io/cluster-api/bootstrap/kubeadm" },
      {
        name: "capi-kubeadm-control-plane",
        package: "sigs.k8s.io/cluster-api/controlplane/kubeadm",
      },
      { name: "capi-dev", package: "sigs.k8s.io/cluster-api/test/infrastructure/docker" },
    ],
    configFolders: [
      {
        name: "cluster-api",
        module: "sigs.k8s.io/cluster-api",
        folders: ["config", "bootstrap/kubeadm/config", "controlplane/kubeadm/config", "LICENSE"],
      },
      {
        name: "cluster-api-test",
        module: "sigs.k8s.io/cluster-api/test",
        folders: ["infrastructure/docker/config", "infrastructure/docker/templates", "LICENSE"],
      },
    ],
  },
  {
    name: "kueue",
    versionModule: "sigs.k8s.io/kueue",
    published: undefined,
    tags: [],
    versionVariables: none,
    binaries: [{ name: "kueue", package: "sigs.k8s.io/kueue/cmd/kueue" }],
    configFolders: [{ name: "kueue", module: "sigs.k8s.io/kueue", folders: ["config", "LICENSE"] }],
  },
];

export interface ModuleFiles {
  readonly goMod: string;
  readonly goSum: string;
}

export function readModuleFiles(family: FamilyName): ModuleFiles {
  const directory = join(modulesDirectory, family);
  return {
    goMod: readFileSync(join(directory, "go.mod"), "utf8"),
    goSum: readFileSync(join(directory, "go.sum"), "utf8"),
  };
}

/** The version that a go.mod requires of a module, for example `v1.36.3`. */
export function requiredVersion(goMod: string, modulePath: string): string {
  for (const line of goMod.split("\n")) {
    const [first, second] = line
      .trim()
      .replace(/^require\s+/, "")
      .split(/\s+/);
    if (first === modulePath && second?.startsWith("v") === true) {
      return second;
    }
  }
  throw new Error(`go.mod requires no ${modulePath}; it is written by hand and must name it`);
}

export function versionOf(family: Family, binary: Binary, files: ModuleFiles): string {
  return requiredVersion(files.goMod, binary.versionModule ?? family.versionModule);
}
