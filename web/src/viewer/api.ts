// What `nicohort view` answers.

export interface Verdict {
  verdict: 'accept' | 'fix' | 'reject';
  comment: string;
  reviewer: string;
  time: string; // ISO 8601, UTC
}

export interface Region {
  label: number;
  name: string;
  voxels: number;
  volume_mm3: number;
  x: number; y: number; z: number; // voxel
  x_mm: number; y_mm: number; z_mm: number; // world
  when: 'before' | 'after'; // cleaning
}

export interface SampleInfo {
  id: string;
  unit: string | null; // of the volume's values; null: not known
  window: [number, number] | null; // of values, as the recipe has it
  volumes: { channel: string | null; url: string }[]; // of each channel; null: the volume has none
  masks: { before: string | null; after: string | null; labels: { label: number; name: string; url: string }[] };
  labels: { label: number; name: string }[];
  groups: { name: string; labels: number[] }[]; // of labels, each of them also a mask
  regions: Region[];
  previous: string | null;
  next: string | null;
  verdict: Verdict | null;
  writable_token: string;
}

async function check(response: Response, what: string): Promise<Response> {
  if (response.ok) return response;
  const said = (await response.text()).trim().slice(0, 300);
  const why = response.status === 403 ? 'the server refused the request; open the address that nicohort view printed' : `the server answered ${response.status}${said && `: ${said}`}`;
  throw new Error(`${what}: ${why}`);
}

async function ask(url: string, what: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, { cache: 'no-store', ...init }).catch(() => {
    throw new Error(`${what}: nicohort view does not answer; check that it is still running`);
  });
  return check(response, what);
}

export async function get_sample(id: string): Promise<SampleInfo> {
  const what = `Cannot load ${id}`;
  return (await ask(`/api/samples/${encodeURIComponent(id)}`, what)).json();
}

/** A whole file, still compressed. */
export async function get_file(url: string): Promise<ArrayBuffer> {
  return (await ask(url, `Cannot load ${decodeURIComponent(url)}`)).arrayBuffer();
}

export async function put_verdict(sample: SampleInfo, verdict: Omit<Verdict, 'time'>): Promise<Verdict> {
  const what = 'Not saved';
  const response = await ask(`/api/verdicts/${encodeURIComponent(sample.id)}`, what, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', 'X-Nicohort-Token': sample.writable_token },
    body: JSON.stringify(verdict),
  });
  return response.json();
}
