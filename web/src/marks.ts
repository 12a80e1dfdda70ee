const SVG = "http://www.w3.org/2000/svg";

function rect(kind: string, y: number, height: number): SVGRectElement {
  const shape = document.createElementNS(SVG, "rect");
  shape.setAttribute("class", `nz-m-${kind}`);
  shape.setAttribute("y", String(y));
  shape.setAttribute("width", "12");
  shape.setAttribute("height", String(height));
  shape.setAttribute("rx", "2");
  return shape;
}

/** The legend mark of a meaning, for texts that are built in the browser. */
export function markOf(kind: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "nz-mark");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("aria-hidden", "true");
  const boxes: Record<string, [number, number]> = { neutral: [3.6, 8.4], "no-input": [6, 6], locked: [8, 4], active: [2, 10] };
  const [y, height] = boxes[kind] ?? [0, 12];
  svg.append(rect(kind, y, height));
  if (kind === "distracting") svg.append(rect("cut", 3, 1.5));
  return svg;
}
