import './base.css';
import './transcript.css';
import './composer.css';
import './sessions.css';
import './status.css';
