// The list of sites: on a narrow screen the tree of units waits folded above the list.

const side = document.querySelector("details[data-side]");
if (side instanceof HTMLDetailsElement && matchMedia("(max-width: 64rem)").matches) {
  side.open = false;
}

export {};
