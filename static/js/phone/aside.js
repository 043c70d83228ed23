import { trouble } from './trouble.js';

const START_MS = 5_000;

/**
 * A job done beside the page, in a module worker, or on this thread where none starts (old web views, a worker script
 * that no cache holds, no canvas in workers). One question at a time.
 * @param {URL} script a worker that calls `attend`
 * @param {(question: any) => Promise<any>} here the same job on this thread
 * @param {number} [patience_ms] how long one answer may take in the worker
 * @returns {Promise<{ask: (question: any, transfer?: Transferable[]) => Promise<any>, close: () => void}>}
 *   `ask` rejects with `.reason` 'stuck' when the worker died or took too long
 */
export async function aside(script, here, patience_ms = 60_000) {
  const worker = await started(script);
  if (!worker) return { ask: (question) => here(question), close() {} };
  return {
    async ask(question, transfer = []) {
      worker.postMessage(question, transfer);
      return answered(worker, patience_ms);
    },
    close: () => worker.terminate(),
  };
}

/**
 * The worker's side of `aside`.
 * @param {(question: any) => Promise<any>} job
 * @param {() => Promise<boolean>} able whether this worker can do the job at all; asked once
 */
export async function attend(job, able) {
  self.onmessage = async ({ data }) => {
    const [message, transfer] = await job(data).then(given, refused);
    self.postMessage(message, transfer);
  };
  self.postMessage({ able: await able() });
}

function given(answer) {
  return [{ answer }, answer?.bytes ? [answer.bytes] : []];
}

function refused({ message, reason }) {
  return [{ refusal: { message, reason } }, []];
}

async function started(script) {
  try {
    const worker = new Worker(script, { type: 'module' });
    const { able } = await message(worker, START_MS).catch(() => ({ able: false }));
    if (able) return worker;
    worker.terminate();
  } catch {
    // No Worker here, or a policy forbids it.
  }
  return null;
}

async function answered(worker, patience_ms) {
  const { answer, refusal } = await message(worker, patience_ms);
  if (refusal) throw Object.assign(new Error(refusal.message), { reason: refusal.reason });
  return answer;
}

function message(worker, patience_ms) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(trouble('stuck')), patience_ms);
    const stop = () => { clearTimeout(late); reject(trouble('stuck')); };
    worker.onerror = stop;
    worker.onmessageerror = stop;
    worker.onmessage = ({ data }) => { clearTimeout(late); resolve(data); };
  });
}
