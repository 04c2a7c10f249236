import type { Manifest } from "../manifest.ts";

const tcp = (port: number): object => ({ protocol: "TCP", port });

const dns = {
  to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }],
  ports: [{ protocol: "UDP", port: 53 }, tcp(53)],
};

/** API servers, of this cluster and of the halls: their addresses are no pods, so ports are all there is. */
const apiServers = { ports: [tcp(443), tcp(6443)] };

/** Controllers talk to API servers and are called by them (webhooks), and monitoring reads them. */
export function allowController(namespace: string): Manifest {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "allow-controller", namespace },
    spec: {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ ports: [tcp(8443), tcp(9443)] }],
      egress: [dns, apiServers],
    },
  };
}

/** Members of the database talk to each other, its operator to them, and they to API server and backups. */
export function allowStateDatabase(namespace: string): Manifest {
  const members = { podSelector: {} };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "allow-state-database", namespace },
    spec: {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        { from: [members], ports: [tcp(5432), tcp(8000)] },
        {
          from: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "cnpg-system" } },
            },
          ],
          ports: [tcp(5432), tcp(8000)],
        },
      ],
      egress: [dns, apiServers, { to: [members], ports: [tcp(5432), tcp(8000)] }],
    },
  };
}
