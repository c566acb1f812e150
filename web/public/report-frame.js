// Shows the one document that the dashboard hands over. This page is in a sandbox of its own: it has no origin, may
// load nothing, and the policy it was served with holds for what is written into it.
addEventListener('message', (event) => {
  if (event.source !== parent || typeof event.data !== 'string') return
  document.open()
  document.write(event.data)
  document.close()
})
parent.postMessage('ready', '*')
