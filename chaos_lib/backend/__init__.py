"""The certificate service for a class: issues, shows and verifies certificates, and collects progress (extra `backend`)."""
