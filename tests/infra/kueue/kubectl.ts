import { execFileSync } from "node:child_process";

/** What these tests read of an object, whatever its kind. */
export interface ClusterObject {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly name: string }[];
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly suspend?: boolean; readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message: string;
    }[];
  };
}

/** kubectl against one cluster, for objects as data. */
export interface Kubectl {
  readonly program: string;
  readonly kubeconfig: string;
  /** Server-side apply: what is checked is the whole object, unknown fields included. */
  readonly apply: (objects: readonly unknown[]) => void;
  /** Undefined when there is none. */
  readonly get: (kind: string, name: string, namespace?: string) => ClusterObject | undefined;
  readonly list: (kind: string, namespace: string, selector?: string) => readonly ClusterObject[];
  readonly run: (args: readonly string[]) => string;
}

export function createKubectl(program: string, kubeconfig: string): Kubectl {
  const run = (args: readonly string[], input?: string): string =>
    execFileSync(program, ["--kubeconfig", kubeconfig, ...args], {
      encoding: "utf8",
      input,
      maxBuffer: 64 * 1024 * 1024,
    });
  return {
    program,
    kubeconfig,
    run,
    apply: (objects) => {
      const text = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
      run(["apply", "--server-side", "--validate=strict", "-f", "-"], text);
    },
    get: (kind, name, namespace = "default") => {
      const args = ["get", kind, name, "-n", namespace, "-o", "json", "--ignore-not-found"];
      const text = run(args);
      if (text === "") {
        return undefined;
      }
      const found: ClusterObject = JSON.parse(text);
      return found;
    },
    list: (kind, namespace, selector = "") => {
      const text = run(["get", kind, "-n", namespace, "-l", selector, "-o", "json"]);
      const found: { readonly items: readonly ClusterObject[] } = JSON.parse(text);
      return found.items;
    },
  };
}
