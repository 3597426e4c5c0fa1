/**
 * Playing what is heard: one <audio> element per audio line of the receiving connection, and a
 * short tone to try the speaker.
 */

/** @typedef {HTMLMediaElement & {setSinkId?: (id: string) => Promise<void>}} Sinkable */

export class Sound {
  /** @type {Map<string, HTMLAudioElement>} */
  #players = new Map();
  #holder;
  #speaker = "";
  /** @type {Set<HTMLAudioElement>} players that the browser does not let play */
  #blocked = new Set();
  /** @type {(blocked: boolean) => void} the browser wants a click before it plays; told at each refusal */
  onBlocked = () => undefined;

  /** @param {HTMLElement} holder */
  constructor(holder) {
    this.#holder = holder;
    // Any click or key is leave to play: nobody should have to find the one button for it.
    for (const kind of ["click", "keydown"]) {
      document.addEventListener(kind, () => this.unblock(), { capture: true });
    }
  }

  /**
   * Play exactly the audio tracks among these.
   *
   * @param {Map<string, MediaStreamTrack>} tracks by mid
   */
  play(tracks) {
    for (const [mid, player] of this.#players) {
      if (tracks.get(mid)?.kind === "audio") continue;
      player.srcObject = null;
      player.remove();
      this.#players.delete(mid);
      this.#free(player);
    }
    for (const [mid, track] of tracks) {
      if (track.kind === "audio") this.#attach(mid, track);
    }
  }

  /** Try again, from a click. */
  unblock() {
    for (const player of this.#blocked) this.#start(player);
  }

  /** @param {string} id of an output device; "" the system's own */
  async setSpeaker(id) {
    this.#speaker = id;
    await Promise.all([...this.#players.values()].map((player) => setSink(player, id)));
  }

  /**
   * @param {string} mid
   * @param {MediaStreamTrack} track
   */
  #attach(mid, track) {
    let player = this.#players.get(mid);
    if (!player) {
      player = document.createElement("audio");
      player.autoplay = true;
      player.dataset.mid = mid;
      this.#holder.append(player);
      this.#players.set(mid, player);
      if (this.#speaker) void setSink(player, this.#speaker);
    }
    const current = /** @type {MediaStream | null} */ (player.srcObject);
    if (current?.getTracks()[0] === track) return;
    player.srcObject = new MediaStream([track]);
    this.#start(player);
  }

  /** @param {HTMLAudioElement} player */
  #start(player) {
    player.play().then(
      () => this.#free(player),
      (error) => {
        // An AbortError only says that a newer track took its place.
        const isRefused = error instanceof DOMException && error.name === "NotAllowedError";
        if (!isRefused || !player.isConnected) return;
        this.#blocked.add(player);
        this.onBlocked(true);
      },
    );
  }

  /** It plays, or is no more. @param {HTMLAudioElement} player */
  #free(player) {
    if (this.#blocked.delete(player) && !this.#blocked.size) this.onBlocked(false);
  }
}

/**
 * Two soft notes through the chosen speaker.
 *
 * @param {string} speaker id of an output device
 * @returns {Promise<void>} settled when they have sounded
 */
export async function playTone(speaker) {
  const context = new AudioContext();
  const output = context.createMediaStreamDestination();
  const gain = context.createGain();
  gain.connect(output);
  const start = context.currentTime + 0.05;
  const length = 1.2;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.25, start + 0.05);
  gain.gain.setValueAtTime(0.25, start + length - 0.2);
  gain.gain.linearRampToValueAtTime(0, start + length);
  const oscillator = context.createOscillator();
  oscillator.frequency.setValueAtTime(523.25, start); // C5, then G5: heard on any small speaker
  oscillator.frequency.setValueAtTime(783.99, start + length / 2);
  oscillator.connect(gain);
  oscillator.start(start);
  oscillator.stop(start + length);
  const player = document.createElement("audio");
  player.srcObject = output.stream;
  await setSink(player, speaker);
  await player.play();
  await new Promise((resolve) => {
    oscillator.onended = resolve;
  });
  await context.close();
}

/**
 * Loudness of a microphone, told ten times a second.
 *
 * @param {MediaStreamTrack} track
 * @param {(level: number) => void} tell 0 silence .. 1 loud speech
 * @returns {(() => void) | null} stop; null where this browser cannot measure it
 */
export function meter(track, tell) {
  const listening = listenTo(track);
  if (!listening) return null;
  const { context, analyser } = listening;
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    if (context.state === "suspended") void context.resume();
    analyser.getFloatTimeDomainData(samples);
    tell(loudness(samples));
  }, 100);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}

/** @param {MediaStreamTrack} track */
function listenTo(track) {
  try {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024; // 21 ms at 48 kHz
    // Some refuse a microphone whose sampling rate is not the speaker's.
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    return { context, analyser };
  } catch {
    return null;
  }
}

/**
 * Root mean square on a scale of decibels: -60 dBFS is 0, -10 dBFS (loud speech) is 1.
 *
 * @param {Float32Array} samples
 */
export function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const db = 20 * Math.log10(Math.sqrt(sum / samples.length) || 1e-9);
  return Math.min(1, Math.max(0, (db + 60) / 50));
}

/**
 * @param {HTMLMediaElement} player
 * @param {string} id
 */
async function setSink(player, id) {
  const sinkable = /** @type {Sinkable} */ (player);
  // Not every browser can choose, and a device may be gone: then the system's own plays.
  await sinkable.setSinkId?.(id).catch(() => undefined);
}
