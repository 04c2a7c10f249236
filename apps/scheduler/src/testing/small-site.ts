/** A site of sixteen eight-GPU nodes that expands in no time. Figures are made up. */
export const smallSite = `site: test-hub
title: Test hub
nodeClasses:
  h100-8:
    gpuModel: H100-SXM-80GB
    gpuCount: 8
    idle: 2.5 kW
    peak: 10.2 kW
    partUse: share
    source: assumption
templates:
  rack:
    kind: rack
    supplies: 2 × 43.6 kW
    redundancy: 2N
    nodes: 4 × h100-8
    source: assumption
  row:
    kind: row
    supplies: 2 × 120 kW
    redundancy: 2N
    racks: 2 × rack
    source: assumption
feed:
  limit: 400 kW
  source: assumption
  substations:
    - name: substation-1
      supplies: 1 × 400 kW
      source: assumption
      halls:
        - name: hall-1
          supplies: 1 × 300 kW
          source: assumption
          rows: 2 × row
`;

export const siteId = "test-hub";
