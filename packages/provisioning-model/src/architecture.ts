import type { Host } from "./plan.ts";

/** NVIDIA's Grace superchips (GB200, GH200) are the only Arm hosts; their model says so. */
export function hostArchitecture(host: Pick<Host, "nodeClass">): "x86_64" | "aarch64" {
  return /^G[BH]\d/u.test(host.nodeClass?.gpuModel ?? "") ? "aarch64" : "x86_64";
}
